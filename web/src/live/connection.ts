/**
 * The live socket: one for a tab, for as long as somebody is logged in. It comes back after every cut and asks for what
 * it has missed, so that nobody who listens needs to know that there was one.
 */

import { backoff } from './backoff';
import { type ClientFrame, type ServerFrame, type StatusFrame, SUBPROTOCOL, UNAUTHENTICATED } from './protocol';

/**
 * Between two looks whether the other end is still there. Browsers do not show pings to pages and do not notice a
 * connection that silently goes nowhere; the server answers to an `authenticate`, at any time.
 */
const LOOK_EVERY = 15_000;
/** For that answer, and for a connection to be made. */
const ANSWER_WITHIN = 6_000;

export type ConnectionState = 'off' | 'connecting' | 'live';

interface Surroundings {
  url: () => string;
  open: (url: string, protocol: string) => WebSocket;
  /** An access token, or null where nobody is logged in any more. */
  token: () => Promise<string | null>;
  /** The same after this one was refused. */
  renewed: (token: string) => Promise<string | null>;
}

export class Connection {
  #with: Surroundings;
  #state: ConnectionState = 'off';
  #socket: WebSocket | null = null;
  #sent: string | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** How many listen to each order besides all of one's own. */
  #followers = new Map<string, number>();
  /** The latest that was heard of each order. */
  #latest = new Map<string, StatusFrame>();
  /** How far each order was known when somebody began to follow it. */
  #known = new Map<string, number>();
  #stateListeners = new Set<() => void>();
  #statusListeners = new Set<(frame: StatusFrame) => void>();
  /** Those who want to know, for staff, that any order of the shop has changed. */
  #watchers = new Set<() => void>();

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The latest that was heard of an order. */
  latest(orderId: string): StatusFrame | undefined {
    return this.#latest.get(orderId);
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  onStatus(listener: (frame: StatusFrame) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  start(): void {
    if (this.#state !== 'off') return;
    this.#become('connecting');
    void this.#connect();
  }

  /** Ends it, and forgets what was heard: the next to log in may be somebody else. */
  stop(): void {
    this.#become('off');
    this.#drop();
    this.#latest.clear();
    this.#known.clear();
    this.#attempt = 0;
  }

  /** Connects now instead of after a while: the network is said to be back. */
  wake(): void {
    if (this.#state !== 'connecting' || this.#socket !== null) return;
    this.#attempt = 0;
    void this.#connect();
  }

  /** Shows the server a new token before the one that it knows ends. */
  async reauthenticate(): Promise<void> {
    const token = await this.#with.token();
    if (this.#state === 'live' && token !== null && token !== this.#sent) this.#authenticate(token);
  }

  /** Follows one order, known up to this version, until the returned function is called. */
  follow(orderId: string, known: number): () => void {
    const followers = this.#followers.get(orderId) ?? 0;
    this.#followers.set(orderId, followers + 1);
    this.#known.set(orderId, Math.max(known, this.#known.get(orderId) ?? 0));
    if (followers === 0 && this.#state === 'live') this.#subscribe(orderId);
    return () => {
      const left = (this.#followers.get(orderId) ?? 1) - 1;
      if (left > 0) this.#followers.set(orderId, left);
      // The server goes on sending until the next connection; a status more does no harm.
      else this.#followers.delete(orderId);
    };
  }

  /** For staff: tells this listener, at most once a second, that orders have changed, until the returned function is called. */
  watchOrders(listener: () => void): () => void {
    this.#watchers.add(listener);
    if (this.#state === 'live') this.#send({ type: 'watch_orders' });
    // The server goes on sending until the next connection. The frames then have no listener.
    return () => this.#watchers.delete(listener);
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#retry);
    const token = await this.#with.token().catch(() => undefined);
    if (this.#state !== 'connecting' || this.#socket !== null) return;
    if (token === null) {
      this.stop();
      return;
    }
    if (token === undefined) {
      this.#later();
      return;
    }

    const socket = this.#with.open(this.#with.url(), SUBPROTOCOL);
    this.#socket = socket;
    this.#expectAnswer();
    socket.onopen = () => this.#authenticate(token);
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)) as ServerFrame);
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) void this.#closed(code);
    };
  }

  async #closed(code: number): Promise<void> {
    const refused = this.#sent;
    this.#drop();
    if (this.#state === 'off') return;
    this.#become('connecting');
    if (code === UNAUTHENTICATED && refused !== null) await this.#with.renewed(refused).catch(() => null);
    this.#later();
  }

  #later(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), backoff(this.#attempt));
    this.#attempt += 1;
  }

  #heard(frame: ServerFrame): void {
    switch (frame.type) {
      case 'authenticated':
        this.#authenticated();
        break;
      case 'status':
        this.#status(frame);
        break;
      case 'orders_changed':
        for (const watcher of this.#watchers) watcher();
        break;
      case 'subscribed':
      case 'refused':
    }
  }

  #authenticated(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#look);
    this.#look = setTimeout(() => void this.#lookAfter(), LOOK_EVERY);
    if (this.#state === 'live') return;
    this.#attempt = 0;
    this.#become('live');
    // Orders first, from where they were left: after the snapshots of all, nothing would be missing any more.
    for (const orderId of this.#followers.keys()) this.#subscribe(orderId);
    this.#send({ type: 'subscribe' });
    if (this.#watchers.size > 0) this.#send({ type: 'watch_orders' });
  }

  #status(frame: StatusFrame): void {
    const latest = this.#latest.get(frame.order_id);
    if (latest !== undefined && latest.version >= frame.version) return;
    this.#latest.set(frame.order_id, frame);
    for (const listener of this.#statusListeners) listener(frame);
  }

  #subscribe(orderId: string): void {
    const after = Math.max(this.#latest.get(orderId)?.version ?? 0, this.#known.get(orderId) ?? 0);
    this.#send({ type: 'subscribe', order_id: orderId, after });
  }

  async #lookAfter(): Promise<void> {
    const token = await this.#with.token().catch(() => this.#sent);
    if (this.#state === 'live' && token !== null) this.#authenticate(token);
  }

  #authenticate(token: string): void {
    this.#sent = token;
    this.#expectAnswer();
    this.#send({ type: 'authenticate', token });
  }

  #expectAnswer(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => void this.#closed(1006), ANSWER_WITHIN);
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #drop(): void {
    for (const timer of [this.#retry, this.#look, this.#deadline]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#sent = null;
    socket?.close();
  }

  #become(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}
