/**
 * Helpers for tests that use Chromium with a running shop. These variables configure them:
 *
 *   BASE_URL         the gateway's address; default `http://127.0.0.1:8080`
 *   CHROMIUM         the browser's program; default `/usr/bin/chromium`
 *   STAFF_USERNAME   a staff user, for the tests that need one
 *   STAFF_PASSWORD
 *   ACCESS_TOKEN_SECONDS   the lifetime of access tokens, at most 30, for the test of token renewal
 *   ORDER_SERVICES   the replicas of order-service, for the test that kills one: `[{"url":"http://…","pid":1},…]`.
 *                    Their supervisor must start them again.
 *   AMQP_URL         the broker, for the tests that park a message
 *   AMQP_MANAGEMENT_URL   the broker's management API
 *   SCREENSHOTS      a folder for screenshots; without it none are taken
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';

export const BASE_URL = process.env.BASE_URL ?? 'http://127.0.0.1:8080';
export const PASSWORD = 'correct horse battery';

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A host name that is not local, as another machine on the network would use it.
  '--host-resolver-rules=MAP shop.test 127.0.0.1',
  // Chromium's sandbox does not start for root, the usual user in containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** The limit of every wait, in milliseconds. It is long, because the machine may be busy. */
const TEST_DEADLINE = 60_000;

const CHROMIUM = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS };

let browser;
before(async () => {
  browser = await chromium.launch(CHROMIUM);
});
after(() => browser.close());

/** A test with its own visitor, whose console must have no errors. */
export function inBrowser(name, body, { skip = false, ...options } = {}) {
  test(name, { skip }, async () => {
    const page = await visitor(options);
    try {
      await body(page);
      assert.deepEqual(page.consoleErrors, []);
    } catch (error) {
      const shown = await page
        .locator('main')
        .innerText({ timeout: 1000 })
        .catch(() => 'no page');
      error.message += `\n\n${page.url()} shows:\n${shown}`;
      throw error;
    } finally {
      await page.context().close();
    }
  });
}

/** Opens a page in a new browser context. `consoleErrors` collects the errors of its console. */
export async function visitor(options = {}) {
  const context = await browser.newContext({ baseURL: BASE_URL, ...options });
  context.setDefaultTimeout(TEST_DEADLINE);
  return newTab(context);
}

/** A visitor whose browser settings block cookies and all other site data. */
export async function withoutSiteData(body) {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  await mkdir(join(profile, 'Default'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { ...CHROMIUM, baseURL: BASE_URL });
  try {
    context.setDefaultTimeout(TEST_DEADLINE);
    const page = await newTab(context);
    await body(page);
    assert.deepEqual(page.consoleErrors, []);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

export async function newTab(context) {
  const page = await context.newPage();
  page.consoleErrors = [];
  page.on('pageerror', (error) => page.consoleErrors.push(String(error)));
  page.on('console', (message) => {
    // Chromium reports each error answer, which the page shows itself, and a header that needs HTTPS.
    const isExpected = /^(Failed to load resource|The Cross-Origin-Opener-Policy header has been ignored)/;
    if (message.type() === 'error' && !isExpected.test(message.text())) page.consoleErrors.push(message.text());
  });
  return page;
}

let people = 0;

/** A unique user name. */
export function newName(first = 'ada') {
  people += 1;
  return `${first}-${Date.now().toString(36)}${people}`;
}

export async function signUp(page, name = newName()) {
  await page.goto('/sign-up');
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('E-mail address').fill(`${name}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  return name;
}

export async function logIn(page, name, password = PASSWORD) {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
}

/** Adds the first product that the search finds to the basket. */
export async function putIntoBasket(page, words = 'Earl Grey') {
  await page.goto(`/?q=${encodeURIComponent(words)}`);
  await page.getByRole('button', { name: /^Add/ }).first().click();
  await page.getByRole('button', { name: /^Added/ }).waitFor();
}

/** Orders the basket with this card. The page then shows the order. */
export async function order(page, card = 'Visa (payment succeeds)') {
  await page.goto('/checkout');
  await page.getByRole('radio', { name: card }).check();
  await page.getByRole('button', { name: 'Place the order' }).click();
  await page.waitForURL('**/orders/*');
  return page.url().split('/').at(-1);
}

/** Cancels the order that the page shows. */
export async function cancel(page) {
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel it' }).click();
  await shows(page, 'cancelled');
}

const { STAFF_USERNAME, STAFF_PASSWORD } = process.env;
/** The reason to skip a test that needs staff, or false. */
export const withoutStaff = STAFF_PASSWORD === undefined ? 'STAFF_PASSWORD is not set' : false;

async function send(method, path, body, token) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(new URL(`/api${path}`, BASE_URL), { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : await answer.json();
}

/** Creates a product for one test. The test can change its stock and price. */
export async function newProduct(details = {}) {
  const { access_token: token } = await send('POST', '/login', { username: STAFF_USERNAME, password: STAFF_PASSWORD });
  const sku = newName('TEST');
  const draft = {
    sku,
    name: sku,
    description: '',
    category: 'Tea',
    price: { amount_minor: 690, currency: 'EUR' },
    ...details,
  };
  const { id } = await send('POST', '/products', draft, token);
  const stock = (on_hand) => send('PUT', `/products/${id}/stock`, { on_hand }, token);
  await stock(10);
  return {
    id,
    sku,
    name: draft.name,
    stock,
    costs: async (amount_minor) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const address = new URL(`/api/products/${id}`, BASE_URL);
      const etag = (await fetch(address)).headers.get('etag');
      const body = JSON.stringify({ ...draft, price: { amount_minor, currency: 'EUR' } });
      const answer = await fetch(address, {
        method: 'PUT',
        headers: { ...headers, ...(etag && { 'If-Match': etag }) },
        body,
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    },
    priceMinor: async () => (await (await fetch(new URL(`/api/products/${id}`, BASE_URL))).json()).price.amount_minor,
    remove: () => send('DELETE', `/products/${id}`, undefined, token),
  };
}

/** Creates a promotion for one test, for this product only, so that other tests keep their prices. */
export async function newPromotion({ id: product }, terms = {}) {
  const { access_token: token } = await send('POST', '/login', { username: STAFF_USERNAME, password: STAFF_PASSWORD });
  const body = {
    name: newName('Sale'),
    reduction: { kind: 'percent', basis_points: 1000 },
    scope: { kind: 'products', product_ids: [product] },
    ...terms,
  };
  const { id } = await send('POST', '/promotions', body, token);
  return {
    id,
    name: body.name,
    change: (changes) => send('PUT', `/promotions/${id}`, { ...body, ...changes }, token),
    remove: () => send('DELETE', `/promotions/${id}`, undefined, token),
  };
}

/** Adds this product to the basket. */
export async function putProduct(page, { id }) {
  await page.goto(`/products/${id}`);
  await page.getByRole('button', { name: 'Add to the basket' }).click();
  await page.getByRole('button', { name: 'Added' }).waitFor();
}

/** Calls `look` until it returns a value, and returns that value. */
export async function eventually(what, look, timeout = TEST_DEADLINE) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    assert.ok(Date.now() < deadline, `not within ${timeout} ms: ${what}`);
    await setTimeout(100);
  }
}

/** Waits until the order page shows this status. */
export async function shows(page, status) {
  await page.locator(`.situation[data-status=${status}]`).waitFor();
}

/** Intercepts the live sockets of a page. `cut` closes them and refuses new ones until `restore`. */
export async function cuttableSockets(page) {
  const open = new Set();
  let isCut = false;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (isCut) {
      void socket.close({ code: 4000 });
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  return {
    cut: async () => {
      isCut = true;
      for (const socket of open) await socket.close({ code: 4000 });
    },
    restore: () => {
      isCut = false;
    },
  };
}

/** From now on, sums up the layout shifts without a click (https://web.dev/articles/cls). */
export async function watchShifts(page) {
  await page.evaluate(() => {
    globalThis.shifts = { sum: 0, moved: [] };
    const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, value, sources } of list.getEntries()) {
        if (hadRecentInput) continue;
        globalThis.shifts.sum += value;
        for (const { node, previousRect, currentRect } of sources) {
          globalThis.shifts.moved.push(
            `${node?.className || node?.nodeName}: ${place(previousRect)} to ${place(currentRect)}`,
          );
        }
      }
    }).observe({ type: 'layout-shift' });
  });
  return () => page.evaluate(() => globalThis.shifts);
}

/** Presses the Tab key until this element has the focus. */
export async function tabTo(page, role, name) {
  const target = page.getByRole(role, { name }).first();
  await target.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${role} ${name} cannot be reached with the Tab key`);
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails if axe-core finds a serious or critical violation. */
export async function isAccessible(page) {
  // The debugger evaluates this, so the page's Content-Security-Policy does not apply.
  const violations = await page.evaluate(`${axe}; axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => [id, help, ...nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary)].join('\\n')))`);
  assert.deepEqual(violations, [], `${page.url()}:\n${violations.join('\n\n')}`);
}

export async function screenshot(page, name) {
  const folder = process.env.SCREENSHOTS;
  // `disabled` lets transitions finish first.
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}
