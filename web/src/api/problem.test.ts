import { describe, expect, it } from 'vitest';
import { errorAt, fieldErrors, isInvalid, isTemporary, isUndecided, Refused, sentence, Unreachable } from './problem';

const refused = (status: number, body: unknown) =>
  new Refused(new Response(null, { status, headers: { 'x-request-id': '7' } }), body);

describe('a refused request', () => {
  const problem = {
    type: '/problems/validation',
    title: 'Some fields are not valid',
    status: 422,
    detail: 'Correct the fields.',
    errors: [
      { pointer: '/username', detail: '`ada` is taken' },
      { pointer: '/items/0/quantity', detail: 'a quantity is from 1 to 1,000, not 0.' },
    ],
  };

  it('has an error for each field', () => {
    const errors = fieldErrors(refused(422, problem));
    expect(errors.get('/username')).toBe('Ada is taken.');
    expect(errors.get('/items/0/quantity')).toBe('A quantity is from 1 to 1,000, not 0.');
  });

  it('has an error for a field with parts', () => {
    const errors = fieldErrors(refused(422, problem));
    expect(errorAt(errors, '/items')).toBe('A quantity is from 1 to 1,000, not 0.');
    expect(errorAt(errors, '/username')).toBe('Ada is taken.');
    expect(errorAt(errors, '/item')).toBeUndefined();
  });

  it('uses the sentence of the service', () => {
    expect(sentence(refused(422, problem))).toBe('Correct the fields.');
    expect(refused(422, problem).requestId).toBe('7');
  });

  it('has a plain sentence if the answer has none', () => {
    expect(sentence(refused(502, undefined))).toMatch(/does not answer/);
    expect(sentence(refused(500, '<html>'))).toMatch(/on our side/);
    expect(sentence(refused(404, null))).toBe('The answer was 404.');
    expect(fieldErrors(refused(500, '')).size).toBe(0);
  });
});

it('recognises temporary errors', () => {
  expect(isTemporary(new Unreachable(new TypeError()))).toBe(true);
  expect(isTemporary(refused(503, null))).toBe(true);
  expect(isTemporary(refused(409, null))).toBe(false);
  expect(isTemporary(new Error('bug'))).toBe(false);
});

it('recognises requests that cannot succeed', () => {
  expect(isInvalid(refused(422, null))).toBe(true);
  expect(isInvalid(refused(503, null))).toBe(false);
  expect(isInvalid(new Unreachable(new TypeError()))).toBe(false);
});

it('recognises requests that may have been carried out', () => {
  expect(isUndecided(new Unreachable(new TypeError()))).toBe(true);
  expect(isUndecided(refused(504, null))).toBe(true);
  const busy = { type: '/problems/busy', title: 'The service is busy', status: 503, detail: 'Try again in 30 s.' };
  expect(isUndecided(refused(503, busy))).toBe(false);
  expect(sentence(refused(503, busy))).toBe('Try again in 30 s.');
  expect(isUndecided(refused(422, null))).toBe(false);
  expect(isUndecided(refused(429, null))).toBe(false);
});
