/**
 * The live socket of a tab. It exists while a user is logged in. After a disconnect it reconnects and requests the
 * missed statuses, so listeners need not handle disconnects.
 */

import { backoff } from './backoff';
import {
  type ClientFrame,
  type DeliveryFrame,
  type ServerFrame,
  type StatusFrame,
  SUBPROTOCOL,
  UNAUTHENTICATED,
} from './protocol';

/**
 * The interval of checks that the server is alive, in milliseconds. Pages cannot see pings, and browsers do not detect
 * a dead connection. The check is an `authenticate` frame, which the server always answers.
 */
const CHECK_INTERVAL = 15_000;
/** The limit for that answer, and for connecting. */
const ANSWER_TIMEOUT = 6_000;

export type ConnectionState = 'off' | 'connecting' | 'live';

interface Environment {
  url: () => string;
  open: (url: string, protocol: string) => WebSocket;
  /** An access token, or null if no user is logged in. */
  token: () => Promise<string | null>;
  /** A new access token after this one was refused, or null. */
  renewed: (token: string) => Promise<string | null>;
}

export class Connection {
  #with: Environment;
  #state: ConnectionState = 'off';
  #socket: WebSocket | null = null;
  #sent: string | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #checkTimer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** The number of followers of each order that is subscribed by id. */
  #followers = new Map<string, number>();
  /** The latest frame of each order. */
  #latest = new Map<string, StatusFrame>();
  /** The version of each order that was known when it was first followed. */
  #known = new Map<string, number>();
  #stateListeners = new Set<() => void>();
  #statusListeners = new Set<(frame: StatusFrame) => void>();
  #deliveryListeners = new Set<(frame: DeliveryFrame | null) => void>();
  /** Listeners for changes of any order of the shop, for staff. */
  #watchers = new Set<() => void>();

  constructor(environment: Environment) {
    this.#with = environment;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The latest frame of an order. */
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

  /** Calls the listener with each status of a delivery, and with null when some may have been missed. */
  onDelivery(listener: (frame: DeliveryFrame | null) => void): () => void {
    this.#deliveryListeners.add(listener);
    return () => this.#deliveryListeners.delete(listener);
  }

  start(): void {
    if (this.#state !== 'off') return;
    this.#become('connecting');
    void this.#connect();
  }

  /** Disconnects and forgets all frames, because the next user may be another one. */
  stop(): void {
    this.#become('off');
    this.#drop();
    this.#latest.clear();
    this.#known.clear();
    this.#attempt = 0;
  }

  /** Reconnects without delay, because the network is back. */
  wake(): void {
    if (this.#state !== 'connecting' || this.#socket !== null) return;
    this.#attempt = 0;
    void this.#connect();
  }

  /** Sends a new token before the current one expires. */
  async reauthenticate(): Promise<void> {
    const token = await this.#with.token();
    if (this.#state === 'live' && token !== null && token !== this.#sent) this.#authenticate(token);
  }

  /** Follows one order from this known version, until the returned function is called. */
  follow(orderId: string, known: number): () => void {
    const followers = this.#followers.get(orderId) ?? 0;
    this.#followers.set(orderId, followers + 1);
    this.#known.set(orderId, Math.max(known, this.#known.get(orderId) ?? 0));
    if (followers === 0 && this.#state === 'live') this.#subscribe(orderId);
    return () => {
      const left = (this.#followers.get(orderId) ?? 1) - 1;
      if (left > 0) this.#followers.set(orderId, left);
      // The server keeps sending until the next connection. Extra frames are harmless.
      else this.#followers.delete(orderId);
    };
  }

  /**
   * For staff. Calls the listener when orders have changed, at most once a second. The returned function ends this.
   */
  watchOrders(listener: () => void): () => void {
    this.#watchers.add(listener);
    if (this.#state === 'live') this.#send({ type: 'watch_orders' });
    // The server keeps sending until the next connection. These frames then have no listener.
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
      case 'delivery':
        for (const listener of this.#deliveryListeners) listener(frame);
        break;
      case 'subscribed':
        // Statuses of deliveries before the subscription are not sent.
        if (frame.order_id !== undefined && frame.order_id !== null) break;
        for (const listener of this.#deliveryListeners) listener(null);
        break;
      case 'deliveries_changed':
        for (const listener of this.#deliveryListeners) listener(null);
        break;
      case 'refused':
    }
  }

  #authenticated(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => void this.#check(), CHECK_INTERVAL);
    if (this.#state === 'live') return;
    this.#attempt = 0;
    this.#become('live');
    // Single orders come first, from their last version. After the snapshots of all orders, their missing steps would
    // be skipped.
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

  async #check(): Promise<void> {
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
    this.#deadline = setTimeout(() => void this.#closed(1006), ANSWER_TIMEOUT);
  }

  #send(frame: ClientFrame): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #drop(): void {
    for (const timer of [this.#retry, this.#checkTimer, this.#deadline]) clearTimeout(timer);
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
