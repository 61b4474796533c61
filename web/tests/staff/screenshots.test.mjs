// Takes screenshots of the main pages, into the folder SCREENSHOTS.
import { describe } from 'node:test';
import { inBrowser, order, putIntoBasket, screenshot, shows, signUp } from '../browser.mjs';

const SCREENS = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
const skip = process.env.SCREENSHOTS === undefined ? 'SCREENSHOTS is not set' : false;

describe('screenshots', () => {
  for (const [screen, options] of Object.entries(SCREENS)) {
    inBrowser(
      `of the main pages, ${screen}`,
      async (page) => {
        const shoot = async (name, ready) => {
          await page.locator(ready).first().waitFor();
          await screenshot(page, `${screen}-${name}`);
        };
        await page.goto('/');
        await shoot('shop', '.card');
        await page.goto('/?q=Cappuccino');
        await page.locator('.card a').first().click();
        await shoot('product', '.product');
        await page.goto('/login');
        await shoot('login', 'form');
        await page.goto('/nothing');
        await shoot('not-found', '.state');
        await signUp(page);
        for (const words of ['Earl Grey', 'Hand Grinder', 'Cantucci']) await putIntoBasket(page, words);
        await page.goto('/basket');
        await shoot('basket', '.line');
        await page.goto('/checkout');
        await shoot('checkout', '.summary li');
        await order(page);
        await shows(page, 'completed');
        await shoot('order-completed', '.history li:nth-child(4)');
        await putIntoBasket(page, 'Geisha');
        await order(page, 'Visa (declined)');
        await shows(page, 'payment_failed');
        await shoot('order-declined', '.history li:nth-child(3)');
        await page.goto('/orders');
        await shoot('orders', '.order-row');
      },
      { skip, ...options },
    );
  }
});
