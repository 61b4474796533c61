import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { eventually, inBrowser, logIn, order, putIntoBasket, shows, signUp } from './browser.mjs';

describe('a session', () => {
  inBrowser('lasts over a reload and is not in reach of scripts', async (page) => {
    const name = await signUp(page);
    // Each reload comes while the page is asking for a token: the answer, with the next cookie, may be lost.
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
    assert.ok(!seen.join().includes('eyJ'), 'a token is kept where scripts can read it');
    const [cookie, ...others] = await page.context().cookies(`${page.url()}api/session/refresh`);
    assert.deepEqual(others, []);
    // Cookies know no ports: another shop on this host has a cookie of another name.
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

  inBrowser('is ended although the page is left at once', async (page) => {
    await signUp(page);
    // The request is on its way and nothing more, when the page is left.
    await page.route('**/api/session', () => {}, { times: 1 });
    const asked = page.waitForRequest('**/api/session');
    await page.getByRole('button', { name: 'Log out' }).click();
    await asked;
    await page.goto('/sign-up');
    await page.getByRole('banner').getByRole('link', { name: 'Log in' }).waitFor();
    assert.deepEqual(await page.context().cookies(new URL('/api/session/refresh', page.url()).href), []);
  });

  inBrowser('that has ended leads back to where one was, basket kept', async (page) => {
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
  const tooLong = lifetime > 0 && lifetime <= 30 ? false : 'ACCESS_TOKEN_SECONDS is not set, or too long';

  inBrowser(
    'outlives its tokens, on one socket',
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
      // The second token is made when most of the first one's time has passed; with the third, the first has ended.
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
    'is not there for another site',
    async (page) => {
      await signUp(page);
      const target = new URL('/api/session/refresh', page.url()).href;
      // Another name of the same machine is another site.
      const elsewhere = new URL(page.url());
      elsewhere.hostname = elsewhere.hostname === '127.0.0.1' ? 'localhost' : '127.0.0.1';
      await page.goto(elsewhere.href);
      const [answer] = await Promise.all([
        page.waitForResponse(target),
        // What a page can always send across sites: a form.
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
