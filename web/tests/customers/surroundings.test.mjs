// Browsers without some features, and addresses that are not local.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  BASE_URL,
  inBrowser,
  isAccessible,
  newProduct,
  order,
  putIntoBasket,
  putProduct,
  screenshot,
  shows,
  signUp,
  withoutSiteData,
  withoutStaff,
} from '../browser.mjs';

describe('a browser', () => {
  test('that blocks site data shows the shop and a notice', async () => {
    await withoutSiteData(async (page) => {
      for (const [address, ready] of [
        ['/', '.card'],
        ['/basket', '.state'],
        ['/login', 'form'],
      ]) {
        await page.goto(address);
        await page.locator(ready).first().waitFor();
        await page.getByText('Your browser blocks cookies and site data').waitFor();
      }
      await isAccessible(page);
      await screenshot(page, 'light-storage-blocked');
      await signUp(page);
      // Everything works within the page.
      await page.getByRole('link', { name: 'Orderflow' }).click();
      await page.getByRole('button', { name: /^Add/ }).first().click();
      await page.getByRole('link', { name: /^Basket.*1 piece/ }).click();
      await page.locator('.line').waitFor();
    });
  });

  inBrowser('without BroadcastChannel shows the shop', async (page) => {
    await page.addInitScript(() => {
      delete globalThis.BroadcastChannel;
    });
    await signUp(page);
    for (const [address, ready] of [
      ['/', '.card'],
      ['/basket', '.state'],
      ['/orders', '.state'],
    ]) {
      await page.goto(address);
      await page.locator(ready).first().waitFor();
    }
  });

  inBrowser('with high contrast shows the marks of the timeline', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    await order(page);
    await shows(page, 'completed');
    await page.emulateMedia({ forcedColors: 'active' });
    const colours = await page
      .locator('.order-now .step-dot')
      .evaluateAll((dots) =>
        dots.map((dot) => [getComputedStyle(dot.querySelector('svg')).stroke, getComputedStyle(dot).backgroundColor]),
      );
    assert.equal(colours.length, 4);
    for (const [mark, ground] of colours) assert.notEqual(mark, ground);
    await screenshot(page, 'contrast-order-completed');
  });
});

describe('an address without HTTPS that is not local', () => {
  const elsewhere = (path) => {
    const address = new URL(path, BASE_URL);
    address.hostname = 'shop.test';
    return address.href;
  };

  inBrowser('shows the shop, and says that an account needs HTTPS', async (page) => {
    await page.goto(elsewhere('/'));
    await page.getByRole('button', { name: /^Add/ }).first().click();
    await page.getByRole('link', { name: /^Basket.*1 piece/ }).click();
    await page.locator('.line').waitFor();
    for (const path of ['/login', '/sign-up', '/orders']) {
      await page.goto(elsewhere(path));
      await page.getByText('This page was loaded without HTTPS').waitFor();
      assert.equal(await page.getByLabel('Password').count(), 0);
    }
    await isAccessible(page);
  });
});

describe('the menu of the shop', () => {
  inBrowser('does not read the whole catalogue', async (page) => {
    const asked = [];
    page.on('request', (request) => request.url().includes('/api/products') && asked.push(new URL(request.url())));
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Categories' }).getByRole('link', { name: 'Coffee' }).click();
    await page.waitForURL('**/?category=Coffee');
    await page.locator('.card').first().waitFor();
    const categories = asked.filter(({ pathname }) => pathname === '/api/products/categories');
    assert.equal(categories.length, 1);
    for (const { searchParams } of asked) assert.ok(Number(searchParams.get('limit')) <= 12, searchParams.toString());
  });
});

describe('long names and names from right to left', () => {
  for (const [screen, viewport] of Object.entries({
    narrow: { width: 320, height: 640 },
    wide: { width: 1280, height: 900 },
  })) {
    inBrowser(
      `stay within the page, ${screen}`,
      async (page) => {
        const long = await newProduct({ name: 'W'.repeat(150), description: 'd'.repeat(150) });
        const arabic = await newProduct({ name: 'شاي بالنعناع!' });
        const fits = async (name, ready) => {
          await page.locator(ready).first().waitFor();
          const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
          assert.ok(whole <= inner, `${name} is ${whole} px wide`);
          await screenshot(page, `${screen}-long-${name}`);
        };
        await signUp(page);
        await putProduct(page, long);
        await fits('product', '.product');
        await putProduct(page, arabic);
        assert.equal(await page.locator('h1').evaluate((heading) => getComputedStyle(heading).direction), 'rtl');
        await page.goto(`/?q=${'W'.repeat(20)}`);
        await fits('shop', '.card');
        await page.goto('/basket');
        await fits('basket', '.line');
        await page.goto('/checkout');
        await fits('checkout', '.summary li');
        await page.getByLabel('Order note').fill('اتصل من فضلك!');
        await page.getByRole('button', { name: 'Place the order' }).click();
        await page.waitForURL('**/orders/*');
        await shows(page, 'completed');
        await fits('order', '.history li:nth-child(4)');
        assert.equal(await page.locator('.note').evaluate((note) => getComputedStyle(note).direction), 'rtl');
        // Texts in a row must not overlap.
        const rows = await page
          .locator('.ordered tbody tr')
          .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => [cell.clientWidth, cell.scrollWidth])));
        for (const [client, scroll] of rows.flat()) assert.ok(scroll <= client, JSON.stringify(rows));
        await page.goto('/orders');
        await fits('orders', '.order-row');
        await long.remove();
        await arabic.remove();
      },
      { skip: withoutStaff, viewport },
    );
  }
});
