import { describe, expect, it } from 'vitest';
import { Kept, PageStorage, randomName } from './kept';

describe('a value in the browser’s storage', () => {
  it('is read back', () => {
    const store = new PageStorage();
    const kept = new Kept(() => store);
    kept.set('a', '1');
    expect([kept.get('a'), store.getItem('a'), kept.get('b'), kept.isBlocked]).toEqual(['1', '1', null, false]);
    kept.remove('a');
    expect(kept.get('a')).toBeNull();
  });

  it('is kept in the page if site data is blocked', () => {
    const kept = new Kept(() => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    });
    expect(kept.isBlocked).toBe(true);
    kept.set('a', '1');
    expect(kept.get('a')).toBe('1');
    kept.remove('a');
    expect(kept.get('a')).toBeNull();
  });

  it('is kept in the page if the storage is full, and replaces the stored value', () => {
    class FullStorage extends PageStorage {
      override setItem(): void {
        throw new DOMException('full', 'QuotaExceededError');
      }
      override getItem(): string {
        return 'old';
      }
    }
    const kept = new Kept(() => new FullStorage());
    kept.set('a', 'new');
    expect([kept.get('a'), kept.isBlocked]).toEqual(['new', false]);
  });
});

it('makes unique names', () => {
  expect(randomName()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomName()).not.toBe(randomName());
});
