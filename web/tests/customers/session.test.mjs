import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { eventually, inBrowser, logIn, order, putIntoBasket, shows, signUp } from '../browser.mjs';

describe('a session', () => {
  inBrowser('survives a reload, and scripts cannot read it', async (page) => {
    const name = await signUp(page);
    // Each reload happens while the page requests a token. The answer with the next cookie may be lost.
    for (let times = 0; times < 4; times += 1) {
      const asked = page.waitForRequest('**/session/refresh');
      await page.reload({ waitUntil: 'domcontentloaded' });
      await asked;
    }
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    const seen = await page.evaluate(() => [
      document.cookie,
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
    ]);
    assert.equal(seen[0], '');
    assert.ok(!seen.join().includes('eyJ'), 'scripts can read a token');
    const [cookie, ...others] = await page.context().cookies(`${page.url()}api/session/refresh`);
    assert.deepEqual(others, []);
    // Cookies ignore ports, so another shop on this host has another cookie name.
    assert.equal(cookie.name, `__Secure-session-${new URL(page.url()).port}`);
    const { httpOnly, secure, sameSite, path } = cookie;
    assert.deepEqual(
      { httpOnly, secure, sameSite, path },
      { httpOnly: true, secure: true, sameSite: 'Strict', path: '/api/session' },
    );
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Log in' }).waitFor();
    assert.ok(await page.locator('h1').evaluate((heading) => heading === document.activeElement));
    await page.getByRole('link', { name: 'Log in' }).click();
    await logIn(page, name);
  });

  inBrowser('ends even if the page is left at once', async (page) => {
    await signUp(page);
    // The page is left while the request is still running.
    await page.route('**/api/session', () => {}, { times: 1 });
    const asked = page.waitForRequest('**/api/session');
    await page.getByRole('button', { name: 'Log out' }).click();
    await asked;
    await page.goto('/sign-up');
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).waitFor();
    assert.deepEqual(await page.context().cookies(new URL('/api/session/refresh', page.url()).href), []);
  });

  inBrowser('that has ended returns to the same page after log-in, with the basket', async (page) => {
    const name = await signUp(page);
    await putIntoBasket(page);
    await page.context().clearCookies();
    await page.goto('/checkout');
    await page.getByText('Your session has ended').waitFor();
    await logIn(page, name);
    await page.waitForURL('**/checkout');
    await page.getByRole('button', { name: 'Place the order' }).waitFor();
  });

  const lifetime = Number(process.env.ACCESS_TOKEN_SECONDS);
  const tooLong = lifetime > 0 && lifetime <= 30 ? false : 'ACCESS_TOKEN_SECONDS is not set or is too long';

  inBrowser(
    'outlives its access tokens, on one socket',
    async (page) => {
      let renewed = 0;
      let authenticated = 0;
      page.on('response', (answer) => {
        if (answer.url().endsWith('/session/refresh') && answer.ok()) renewed += 1;
      });
      page.on('websocket', (socket) => {
        authenticated = 0;
        socket.on('framesent', ({ payload }) => {
          if (JSON.parse(payload).type === 'authenticate') authenticated += 1;
        });
      });
      await signUp(page);
      await putIntoBasket(page);
      await order(page, 'Visa (declined)');
      await shows(page, 'payment_failed');
      renewed = 0;
      // The second token is issued shortly before the first expires. When the third is issued, the first has expired.
      await eventually(
        'one socket has had three tokens',
        () => renewed >= 2 && authenticated >= 3,
        lifetime * 1000 * 10,
      );
      await page.getByRole('button', { name: 'Pay', exact: true }).click();
      await shows(page, 'completed');
    },
    { skip: tooLong },
  );

  inBrowser(
    'is not available to another site',
    async (page) => {
      await signUp(page);
      const target = new URL('/api/session/refresh', page.url()).href;
      // Another host name of the same machine is another site.
      const elsewhere = new URL(page.url());
      elsewhere.hostname = elsewhere.hostname === '127.0.0.1' ? 'localhost' : '127.0.0.1';
      await page.goto(elsewhere.href);
      const [answer] = await Promise.all([
        page.waitForResponse(target),
        // A page can always send a form to another site.
        page.evaluate((url) => {
          const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
          document.body.append(form);
          form.submit();
        }, target),
      ]);
      assert.equal(answer.status(), 403);
      assert.equal((await answer.request().allHeaders()).cookie, undefined);
    },
    { bypassCSP: true },
  );
});
