/**
 * Values in the browser's storage. If the storage is full or the user blocks site data, the shop still works. It then
 * keeps the values in this page until the page is reloaded.
 */

type Listener = (key: string, now: string | null, before: string | null) => void;

/** A storage in the memory of the page. */
export class PageStorage {
  #values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A map of names to values. It is in the browser's storage, or in this page if the storage is not available. */
export class Kept {
  #store: Store | null;
  #page = new PageStorage();
  #blocked: boolean;

  /** `open` returns the browser's storage, or throws if it is blocked. */
  constructor(open: () => Store) {
    try {
      this.#store = open();
      this.#store.getItem('orderflow');
    } catch {
      this.#store = null;
    }
    this.#blocked = this.#store === null;
  }

  /** Whether the browser's storage is blocked. */
  get isBlocked(): boolean {
    return this.#blocked;
  }

  get(key: string): string | null {
    return this.#page.getItem(key) ?? this.#tried((store) => store.getItem(key)) ?? null;
  }

  set(key: string, value: string): void {
    this.#page.removeItem(key);
    const isKept = this.#tried((store) => {
      store.setItem(key, value);
      return true;
    });
    // The browser's storage is blocked or full, so keep the value in the page.
    if (isKept !== true) this.#page.setItem(key, value);
  }

  remove(key: string): void {
    this.#page.removeItem(key);
    this.#tried((store) => store.removeItem(key));
  }

  #tried<T>(work: (store: Store) => T): T | undefined {
    try {
      return this.#store === null ? undefined : work(this.#store);
    } catch {
      return undefined;
    }
  }
}

export const kept = new Kept(() => window.localStorage);

/** Calls the listener when another tab changes a value. */
export function onKeptElsewhere(listener: Listener): void {
  window.addEventListener('storage', ({ key, newValue, oldValue }) => {
    if (key !== null) listener(key, newValue, oldValue);
  });
}

/** A random name: 128 bits in hexadecimal digits. Pages without TLS have no `crypto.randomUUID`. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
