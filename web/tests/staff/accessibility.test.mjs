import { describe } from 'node:test';
import { inBrowser, isAccessible, newName, order, PASSWORD, putIntoBasket, shows, signUp, tabTo } from '../browser.mjs';

describe('the keyboard', () => {
  inBrowser('alone is enough to order', async (page) => {
    const name = newName();
    await page.goto('/sign-up');
    const to = (role, name) => tabTo(page, role, name);
    await to('textbox', 'User name');
    await page.keyboard.type(name);
    await to('textbox', 'E-mail address');
    await page.keyboard.type(`${name}@example.com`);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await to('searchbox', 'Search the shop');
    await page.keyboard.type('Sencha');
    await page.getByText('1 products').waitFor({ state: 'attached' });
    await to('button', /^Add/);
    await page.keyboard.press('Enter');
    await to('link', /^Basket/);
    await page.keyboard.press('Enter');
    await to('link', 'Go to the checkout');
    await page.keyboard.press('Enter');
    await to('radio', /^Visa \(payment succeeds\)/);
    await page.keyboard.press('ArrowDown');
    await to('button', 'Place the order');
    await page.keyboard.press('Enter');
    await shows(page, 'completed');
    await page.getByText('Mastercard (payment succeeds)').waitFor();
  });
});

for (const colorScheme of ['light', 'dark']) {
  describe(`axe-core, ${colorScheme}`, () => {
    inBrowser(
      'finds no serious violation on any page',
      async (page) => {
        const look = async (address, ready) => {
          await page.goto(address);
          await page.locator(ready).first().waitFor();
          await isAccessible(page);
        };
        await look('/', '.card');
        await look('/?q=nothing+of+this+name', '.state');
        await look('/login', 'form');
        await look('/nothing', '.state');
        await look('/basket', '.state');
        await signUp(page);
        await look('/orders', '.state');
        await putIntoBasket(page);
        await look('/basket', '.line');
        await look('/checkout', '.panel');
        await order(page, 'Visa (declined)');
        await shows(page, 'payment_failed');
        await isAccessible(page);
        await page.getByRole('button', { name: 'Cancel the order' }).click();
        await page.getByRole('dialog').waitFor();
        await isAccessible(page);
        await page.getByRole('button', { name: 'Keep it' }).click();
        await page.getByRole('button', { name: 'Pay', exact: true }).click();
        await shows(page, 'completed');
        await isAccessible(page);
        await look('/orders', '.order-row');
        await page.goto('/?q=Yunomi');
        await page.locator('.card a').click();
        await page.locator('.product').waitFor();
        await isAccessible(page);
      },
      { colorScheme },
    );
  });
}
