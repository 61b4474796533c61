import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from './connection';
import type { ClientFrame, DeliveryFrame, ServerFrame, StatusFrame } from './protocol';

/** A fake server. */
class Server {
  sockets: FakeSocket[] = [];
  tokens: (string | null)[] = ['one'];

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error('no client has connected');
    return last;
  }

  connection(): Connection {
    return new Connection({
      url: () => 'ws://shop/ws',
      open: () => {
        this.sockets.push(new FakeSocket());
        return this.socket as unknown as WebSocket;
      },
      token: () => Promise.resolve(this.tokens[0] ?? null),
      renewed: () => Promise.resolve(this.tokens.shift() ?? null),
    });
  }
}

class FakeSocket {
  readyState = 0;
  frames: ClientFrame[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;

  accept(): void {
    this.readyState = 1;
    this.onopen();
    this.says({ type: 'authenticated', expires_at: '2026-01-01T00:00:00Z' });
  }

  says(frame: ServerFrame): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  send(text: string): void {
    this.frames.push(JSON.parse(text) as ClientFrame);
  }

  close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose({ code });
  }
}

const delivery = (version: number): DeliveryFrame => ({
  type: 'delivery',
  order_id: 'o1',
  status: 'in_transit',
  version,
  at: '2026-01-01T00:00:00Z',
});

const status = (version: number, order = 'o1'): StatusFrame => ({
  type: 'status',
  order_id: order,
  status: 'paid',
  version,
  at: '2026-01-01T00:00:00Z',
});

describe('a live connection', () => {
  let server: Server;
  let connection: Connection;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new Server();
    connection = server.connection();
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
  });

  afterEach(() => {
    connection.stop();
    vi.useRealTimers();
  });

  it('authenticates first, then subscribes to all orders', () => {
    expect(connection.state).toBe('connecting');
    server.socket.accept();
    expect(connection.state).toBe('live');
    expect(server.socket.frames).toEqual([{ type: 'authenticate', token: 'one' }, { type: 'subscribe' }]);
  });

  it('delivers each version once and in order', () => {
    const heard: number[] = [];
    connection.onStatus(({ version }) => heard.push(version));
    server.socket.accept();
    for (const version of [1, 2, 2, 1, 3]) server.socket.says(status(version));
    expect(heard).toEqual([1, 2, 3]);
    expect(connection.latest('o1')?.version).toBe(3);
  });

  it('reconnects after a disconnect and requests the missed statuses', async () => {
    connection.follow('o1', 1);
    server.socket.accept();
    expect(server.socket.frames[1]).toEqual({ type: 'subscribe', order_id: 'o1', after: 1 });
    server.socket.says(status(2));
    server.socket.close(1006);
    expect(connection.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sockets).toHaveLength(2);
    server.socket.accept();
    expect(server.socket.frames).toContainEqual({ type: 'subscribe', order_id: 'o1', after: 2 });
  });

  it('tells watchers that orders have changed, also after a disconnect', async () => {
    let heard = 0;
    server.socket.accept();
    const leave = connection.watchOrders(() => (heard += 1));
    expect(server.socket.frames.at(-1)).toEqual({ type: 'watch_orders' });
    server.socket.says({ type: 'orders_changed' });
    expect(heard).toBe(1);
    server.socket.close(1006);
    await vi.advanceTimersByTimeAsync(300);
    server.socket.accept();
    expect(server.socket.frames).toContainEqual({ type: 'watch_orders' });
    server.socket.says({ type: 'orders_changed' });
    leave();
    server.socket.says({ type: 'orders_changed' });
    expect(heard).toBe(2);
  });

  it('forgets an order without followers', async () => {
    const leave = connection.follow('o1', 0);
    const leaveToo = connection.follow('o1', 0);
    leave();
    leaveToo();
    server.socket.accept();
    expect(server.socket.frames).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(0);
  });

  it('detects a dead connection', async () => {
    server.socket.accept();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(server.socket.frames.at(-1)).toEqual({ type: 'authenticate', token: 'one' });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(connection.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(300);
    expect(server.sockets).toHaveLength(2);
  });

  it('sends a new token before the old one expires', async () => {
    server.socket.accept();
    server.tokens = ['two'];
    await connection.reauthenticate();
    expect(server.socket.frames.at(-1)).toEqual({ type: 'authenticate', token: 'two' });
    const sent = server.socket.frames.length;
    await connection.reauthenticate();
    expect(server.socket.frames).toHaveLength(sent);
  });

  it('ends with the session', async () => {
    server.socket.accept();
    server.tokens = [null];
    server.socket.close(4401);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(connection.state).toBe('off');
    expect(server.sockets).toHaveLength(1);
  });

  it('hands on deliveries, and says when some may have been missed', async () => {
    const server = new Server();
    const connection = server.connection();
    const heard: (number | null)[] = [];
    connection.onDelivery((frame) => heard.push(frame && frame.version));
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    server.socket.accept();
    server.socket.says({ type: 'subscribed', order_id: null });
    server.socket.says(delivery(2));
    server.socket.says({ type: 'subscribed', order_id: 'o1' });
    server.socket.says({ type: 'deliveries_changed' });
    expect(heard).toEqual([null, 2, null]);
  });
});
