/**
 * The session of the user. The access token is only in this module's memory. The refresh token is in a cookie that
 * scripts cannot read, so this module can only request the next access token.
 */

import createClient from 'openapi-fetch';
import type { components, paths } from '../api/generated/users';
import { Refused } from '../api/problem';
import { BASE_URL, reach, unwrap } from '../api/transport';
import { kept, onKeptElsewhere, randomName } from '../kept/kept';
import { margin } from './margin';

export type User = components['schemas']['User'];
export type Credentials = components['schemas']['Login'];

export type SessionState =
  /** Not known yet: the cookie was not tried, or there was no answer. */
  | { is: 'unknown'; error?: unknown }
  /** Not logged in. `ended` is the reason if this page did not end the session itself. */
  | { is: 'guest'; ended: 'expired' | 'elsewhere' | null }
  | { is: 'member'; user: User };

interface AccessToken {
  value: string;
  /** In milliseconds of this machine's clock, as in `performance.now()`. */
  expiresAt: number;
  lifetime: number;
}

/**
 * The storage key of a hint that a cookie may exist. Scripts cannot see the cookie, and without the hint guests would
 * send a request that fails. Each log-in writes another value, so that other tabs notice it.
 */
const HINT = 'orderflow.member';
/** The value of the hint during a log-out. If leaving the page interrupts the log-out, the next page finishes it. */
const LEAVING = 'leaving';
/** All tabs share the cookie, and each request for a session replaces it. Only one runs at a time. */
const LOCK = 'orderflow.session';

const api = createClient<paths>({ baseUrl: BASE_URL, fetch: reach });

class Session {
  #state: SessionState = { is: 'unknown' };
  #token: AccessToken | null = null;
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();

  /** Resumes the session of an earlier visit, and follows the changes of other tabs. */
  async start(): Promise<void> {
    onKeptElsewhere((key, now, before) => {
      if (key !== HINT || now === LEAVING) return;
      if (now !== null) void this.resume();
      else if (this.#state.is !== 'guest') {
        this.#become({ is: 'guest', ended: before === LEAVING ? 'elsewhere' : 'expired' });
      }
    });
    await this.resume();
  }

  get state(): SessionState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Resumes the session of an earlier visit, or finishes an interrupted log-out. */
  async resume(): Promise<void> {
    const hint = kept.get(HINT);
    if (hint === null) {
      this.#become({ is: 'guest', ended: null });
      return;
    }
    try {
      if (hint === LEAVING) {
        await this.logOut();
        return;
      }
      const token = await this.#renew();
      if (token !== null) await this.#welcome(token);
    } catch (error) {
      if (this.#state.is !== 'member') this.#become({ is: 'unknown', error });
    }
  }

  async logIn(credentials: Credentials): Promise<void> {
    const asked = performance.now();
    const answer = await this.#alone(() => unwrap(api.POST('/session', { body: credentials })));
    kept.set(HINT, randomName());
    this.#keep(answer, asked);
    await this.#welcome(answer.access_token);
  }

  async logOut(): Promise<void> {
    kept.set(HINT, LEAVING);
    await this.#alone(() => unwrap(api.DELETE('/session', { keepalive: true })));
    this.#end(null);
  }

  /** An access token that does not expire soon, or null for a guest. */
  async token(): Promise<string | null> {
    if (this.#state.is !== 'member' || this.#token === null) return null;
    const left = this.#token.expiresAt - performance.now();
    return left > margin(this.#token.lifetime) / 2 ? this.#token.value : this.#renew();
  }

  /** The token that replaces this refused one, or null if the session has ended. */
  async renewed(refused: string): Promise<string | null> {
    const current = this.#token?.value ?? null;
    return current === refused ? this.#renew() : current;
  }

  #renew(): Promise<string | null> {
    this.#renewing ??= this.#alone(() => this.#refresh()).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<string | null> {
    const asked = performance.now();
    try {
      const answer = await unwrap(api.POST('/session/refresh'));
      this.#keep(answer, asked);
      return answer.access_token;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      this.#end('expired');
      return null;
    }
  }

  async #welcome(token: string): Promise<void> {
    const user = await unwrap(api.GET('/me', { headers: { authorization: `Bearer ${token}` } }));
    this.#become({ is: 'member', user });
  }

  #keep(answer: { access_token: string; expires_in: number }, asked: number): void {
    const lifetime = answer.expires_in * 1000;
    this.#token = { value: answer.access_token, expiresAt: asked + lifetime, lifetime };
    clearTimeout(this.#timer);
    // Renew before the token expires, so that no request and no socket has to wait.
    this.#timer = setTimeout(() => void this.#renew().catch(() => undefined), lifetime - margin(lifetime));
    this.#tell();
  }

  #end(ended: 'expired' | null): void {
    kept.remove(HINT);
    this.#become({ is: 'guest', ended });
  }

  #become(state: SessionState): void {
    if (state.is !== 'member') {
      clearTimeout(this.#timer);
      this.#token = null;
    }
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    // Pages without TLS have no locks, and blocked site data disables them. The tabs then share no cookie.
    const { locks } = navigator as Partial<Navigator>;
    return locks === undefined || kept.isBlocked ? await work() : await locks.request(LOCK, work);
  }
}

export const session = new Session();
