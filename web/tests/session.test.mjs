import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  inBrowser,
  logIn,
  putIntoBasket,
  signUp,
} from './browser.mjs';

describe('a session', () => {
  inBrowser('lasts over a reload and is not in reach of scripts', async (page) => {
    const name = await signUp(page);
    for (let times = 0; times < 4; times += 1) await page.reload({ waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    const seen = await page.evaluate(() => [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)]);
    assert.equal(seen[0], '');
    assert.ok(!seen.join().includes('eyJ'), 'a token is kept where scripts can read it');
    const [cookie, ...others] = await page.context().cookies(`${page.url()}api/session/refresh`);
    assert.deepEqual(others, []);
    const { httpOnly, secure, sameSite, path } = cookie;
    assert.deepEqual({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: 'Strict', path: '/api/session' });
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: 'Log in' }).click();
    await logIn(page, name);
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

  inBrowser('is not there for another site', async (page) => {
    await signUp(page);
    const target = new URL('/api/session/refresh', page.url()).href;
    // Another name of the same machine is another site.
    const elsewhere = new URL(page.url());
    elsewhere.hostname = elsewhere.hostname === '127.0.0.1' ? 'localhost' : '127.0.0.1';
    await page.goto(elsewhere.href);
    const [answer] = await Promise.all([
      page.waitForResponse(target),
      page.evaluate(
        (url) => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => undefined),
        target,
      ),
    ]);
    assert.equal(answer.status(), 403);
    assert.equal((await answer.request().allHeaders()).cookie, undefined);
    // What Chromium keeps from the other page, it says there.
    page.complaints = [];
  }, { bypassCSP: true });
});
