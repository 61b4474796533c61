import { describe, expect, it } from 'vitest';
import type { DeliveryStatus } from '../api/client';
import { parcelSteps, whereabouts } from './words';

const at = (minute: number) => `2026-06-01T10:0${minute}:00Z`;
const states = (status: DeliveryStatus, reports: readonly string[]) =>
  parcelSteps({
    status,
    created_at: at(0),
    reports: reports.map((report, index) => ({ status: report, at: at(index + 1) })),
  });

describe('the steps of a parcel', () => {
  it('are done up to the current status, and the next one is in progress', () => {
    const steps = states('in_transit', ['accepted', 'in_transit']);
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'current', 'waiting']);
    expect(steps.map(({ at }) => at)).toEqual([at(0), at(1), at(2), undefined, undefined]);
  });

  it('are all done at the end', () => {
    const steps = states('delivered', ['accepted', 'in_transit', 'out_for_delivery', 'delivered']);
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  it('fail at the last step if the parcel is lost', () => {
    const steps = states('lost', ['accepted', 'in_transit', 'lost']);
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'skipped', 'failed']);
    expect(steps.at(-1)).toEqual({ label: 'Lost', state: 'failed', at: at(3) });
  });
});

describe('the sentence about a delivery', () => {
  const address = { name: 'Ada', street: '1 Side Street', city: 'London', postal_code: 'SW1Y', country: 'GB' } as const;
  const state = { promised_from: '2026-06-03', promised_to: '2026-06-05', is_late: false, address, refusal: null };

  it('says when the parcel should arrive', () => {
    expect(whereabouts({ ...state, status: 'shipped' })).toContain('between 3 June 2026 and 5 June 2026');
    expect(whereabouts({ ...state, status: 'in_transit', is_late: true })).toContain('by 5 June 2026');
  });

  it('asks for an address that is missing or refused', () => {
    expect(whereabouts({ ...state, status: 'created', address: null })).toContain('Enter your address');
    expect(whereabouts({ ...state, status: 'created', refusal: 'No such street.' })).toContain('No such street.');
  });
});
