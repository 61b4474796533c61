import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inBrowser, newName, PASSWORD, putIntoBasket, signUp } from '../browser.mjs';

describe('bad input', () => {
  inBrowser('is kept and explained at its field', async (page) => {
    const taken = await signUp(page);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.goto('/sign-up');
    await page.getByLabel('User name').fill(taken);
    await page.getByLabel('E-mail address').fill('nobody');
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.locator('.field-error').first().waitFor();
    assert.equal(await page.locator('.field-error').count(), 2);
    assert.equal(await page.getByLabel('E-mail address').getAttribute('aria-invalid'), 'true');
    assert.ok(await page.getByLabel('E-mail address').evaluate((input) => input === document.activeElement));
    assert.equal(await page.getByLabel('User name').inputValue(), taken);
    await page.getByLabel('E-mail address').fill('someone-else@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('That user name is taken.').waitFor();
  });

  inBrowser('in an order is shown as text', async (page) => {
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
    await signUp(page);
    await putIntoBasket(page);
    await page.goto('/checkout');
    await page.getByLabel('Name', { exact: true }).fill(markup);
    await page.getByLabel('Order note (optional)').fill(markup);
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.getByText('this is needed to deliver', { exact: false }).first().waitFor();
    await page.getByLabel('Street and number').fill('1 Lane');
    await page.getByLabel('Postal code').fill('1000');
    await page.getByLabel('Town').fill('Town');
    await page.getByText('Choose a country.').waitFor();
    await page.getByLabel('Country').selectOption({ label: 'Germany' });
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/orders/*');
    await page.getByText(markup).first().waitFor();
    await page.getByText('1000 Town, Germany').waitFor();
    assert.equal(await page.locator('.details b, .details img').count(), 0);
  });

  inBrowser('in an address leads to a page that says so', async (page) => {
    for (const address of ['/nothing', '/products/nothing', '/products/01900000-0000-7000-8000-000000000009']) {
      await page.goto(address);
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    }
    await signUp(page);
    await page.goto('/orders/01900000-0000-7000-8000-000000000009');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.goto('/staff/orders');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });
});

describe('a shop that does not answer', () => {
  inBrowser('creates one account, however often the form is sent', async (page) => {
    const name = newName();
    let isLost = false;
    await page.route('**/api/register', async (route) => {
      if (isLost) return route.continue();
      isLost = true;
      await route.fetch();
      return route.abort();
    });
    await page.goto('/sign-up');
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('E-mail address').fill(`${name}@example.com`);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
  });

  inBrowser('is explained in a sentence, and can be tried again', async (page) => {
    await page.route('**/api/products?*', (route) => route.abort());
    await page.goto('/');
    await page.getByText('The shop cannot be reached at the moment.').waitFor();
    await page.unroute('**/api/products?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.card').first().waitFor();
  });

  inBrowser('accepts one order, however often it is sent', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    let lost = 0;
    // Twice the order arrives, but its answer is lost.
    await page.route('**/api/orders', async (route) => {
      if (route.request().method() !== 'POST' || lost === 2) return route.continue();
      lost += 1;
      await route.fetch();
      return route.abort();
    });
    await page.goto('/checkout');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/orders/*');
    await page.goto('/orders');
    await page.locator('.order-row').first().waitFor();
    assert.equal(await page.locator('.order-row').count(), 1);
  });
});
