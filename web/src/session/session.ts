/**
 * Who is logged in. The access token is in this module's memory and nowhere else; the refresh token is in a cookie that
 * no script can read, so all this module can do with it is ask for the next access token.
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
  /** Not known yet: the cookie has not been tried, or nobody answered. */
  | { is: 'unknown'; error?: unknown }
  /** Not logged in; `ended` says how a session ended that this page had not ended itself. */
  | { is: 'guest'; ended: 'expired' | 'elsewhere' | null }
  | { is: 'member'; user: User };

interface AccessToken {
  value: string;
  /** In milliseconds of this machine's own clock, as `performance.now()` has it. */
  expiresAt: number;
  lifetime: number;
}

/**
 * Says that there may be a cookie, which itself cannot be seen: spares guests a request that must fail. Each log-in has a
 * value of its own, so that other tabs hear of it.
 */
const HINT = 'orderflow.member';
/** What the hint says from when somebody logs out until it is done, which leaving the page may cut off. */
const LEAVING = 'leaving';
/** All tabs share the cookie, and each request for a session replaces it: one at a time. */
const LOCK = 'orderflow.session';

const api = createClient<paths>({ baseUrl: BASE_URL, fetch: reach });

class Session {
  #state: SessionState = { is: 'unknown' };
  #token: AccessToken | null = null;
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();

  /** Resumes the session of an earlier visit, and follows what other tabs do with it. */
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

  /** Goes on with the session of an earlier visit, if there is one; ends it where that visit meant to. */
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

  /** An access token that is good for a while yet, or null for a guest. */
  async token(): Promise<string | null> {
    if (this.#state.is !== 'member' || this.#token === null) return null;
    const left = this.#token.expiresAt - performance.now();
    return left > margin(this.#token.lifetime) / 2 ? this.#token.value : this.#renew();
  }

  /** The token after this one, which was refused; or null where the session has ended. */
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
    // Ahead of its end, so that neither a request nor the socket ever waits for it.
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
    // Without TLS a page has no locks, and with site data blocked it may not use them. It shares no cookie then.
    const { locks } = navigator as Partial<Navigator>;
    return locks === undefined || kept.isBlocked ? await work() : await locks.request(LOCK, work);
  }
}

export const session = new Session();
