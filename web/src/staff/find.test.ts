import { expect, it } from 'vitest';
import { fieldErrors } from '../api/problem';
import { readWanted } from './find';

it('recognises a number, a short number and a name', () => {
  const number = '01900000-0000-7000-8000-00000000000a';
  expect(readWanted(` ${number.toUpperCase()} `)).toEqual({ kind: 'number', text: number });
  expect(readWanted('0000000A')).toEqual({ kind: 'short', text: '0000000a' });
  for (const name of ['ada', 'ada@example.com', '../x', '0000000']) {
    expect(readWanted(name)).toEqual({ kind: 'name', text: name });
  }
});

it('asks for text if there is none', () => {
  try {
    readWanted(' ');
    expect.unreachable();
  } catch (error) {
    expect([...fieldErrors(error).keys()]).toEqual(['/wanted']);
  }
});
