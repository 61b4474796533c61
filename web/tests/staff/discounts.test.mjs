// Promotions, codes and quotes. Each test has its own product, so that its promotions do not change other tests.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  inBrowser,
  isAccessible,
  logIn,
  newName,
  newProduct,
  newPromotion,
  newTab,
  order,
  putProduct,
  screenshot,
  shows,
  signUp,
  visitor,
  withoutStaff,
} from '../browser.mjs';

const { STAFF_USERNAME, STAFF_PASSWORD } = process.env;
const skip = withoutStaff;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

async function staffAt(page, address, heading) {
  await page.goto(`/login?next=${address}`);
  await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

/** Chooses this product as the scope of the promotion in the form. */
async function choose(page, product) {
  await page.getByLabel('Applies to').selectOption('products');
  await page.getByLabel('Find products').fill(product.sku);
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.getByRole('button', { name: `Choose ${product.name}` }).click();
  await page.getByRole('list', { name: 'Chosen products' }).locator('bdi', { hasText: product.name }).waitFor();
}

async function enterCode(page, code) {
  await page.getByLabel('Discount code').fill(code);
  await page.getByRole('button', { name: /^Apply/ }).click();
}

const total = (page, amount) => page.locator('dd.sum-total:not(.busy)', { hasText: amount }).waitFor();

/** Fails if the page is wider than the screen. */
async function fits(page) {
  const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
  assert.ok(whole <= inner, `${page.url()} is ${whole} px wide`);
}

for (const [screen, options] of Object.entries({ wide: {}, phone: PHONE })) {
  describe(`discounts, ${screen}`, () => {
    inBrowser(
      'are made by staff, shown to a customer and taken off an order',
      async (page) => {
        const product = await newProduct({ price: { amount_minor: 1000, currency: 'EUR' } });
        const [sale, five] = [newName('Sale'), newName('Five')];
        const code = newName('FIVE').toUpperCase();
        const staff = await visitor(options);
        await staffAt(staff, '/staff/promotions/new', 'Add a promotion');
        await isAccessible(staff);
        await staff.getByLabel('Name').fill(sale);
        await staff.getByLabel('Percent').fill('12.345');
        await staff.getByRole('button', { name: 'Add the promotion' }).click();
        await staff.getByText('Enter a percentage from 0.01 to 100, with at most 2 decimals.').waitFor();
        await staff.locator('input[name=percent]:focus').waitFor();
        await staff.getByLabel('Percent').fill('12,5');
        await choose(staff, product);
        await staff.getByRole('button', { name: 'Show the effect on the last orders' }).click();
        await staff
          .getByText(/^(0 of the last \d+ orders? would have used it|The shop has no orders yet)\.$/)
          .waitFor();
        await isAccessible(staff);
        await fits(staff);
        await staff.getByRole('button', { name: 'Add the promotion' }).click();
        await staff.getByRole('heading', { name: 'Promotions', level: 1 }).waitFor();

        await staff.goto('/staff/promotions/new');
        await staff.getByLabel('Name').fill(five);
        // The service's own error stands beside its field.
        await staff.getByLabel('Code (optional)').fill('NO SPACE');
        await staff.getByLabel('Takes off').selectOption('amount');
        await staff.getByLabel('Amount in EUR').fill('5');
        await staff.getByRole('button', { name: 'Add the promotion' }).click();
        await staff.locator('input[name=code][aria-invalid=true]:focus').waitFor();
        await isAccessible(staff);
        await staff.getByLabel('Code (optional)').fill(code);
        await staff.getByLabel('Most orders', { exact: true }).fill('1');
        await staff.getByLabel('Ends').fill('2099-12-31T23:59');
        await staff.getByRole('button', { name: 'Add the promotion' }).click();
        const row = staff.getByRole('row').filter({ hasText: code });
        await row.getByText('until 31 December 2099, 23:59').waitFor();
        await row.getByText('0 of 1').waitFor();
        await isAccessible(staff);
        await fits(staff);
        await screenshot(staff, `${screen}-staff-promotions`);
        await staff.goto(`/staff/products/${product.id}`);
        await staff.getByRole('complementary', { name: 'Stock and promotions' }).getByText(sale).waitFor();
        await isAccessible(staff);

        await signUp(page);
        await page.goto(`/?q=${product.sku}`);
        const card = page.locator('.card');
        await card.getByText(sale).waitFor();
        assert.match(await card.locator('s').textContent(), /^Was €10\.00$/);
        assert.match(await card.innerText(), /€8\.75/);
        await isAccessible(page);
        await putProduct(page, product);
        await page.locator('.price-large').getByText(sale).waitFor();
        await isAccessible(page);

        await page.goto('/basket');
        await page.locator('.line').getByText(sale).waitFor();
        await total(page, '€8.75');
        await enterCode(page, 'NONE-SUCH');
        const alert = page.getByRole('alert');
        await alert.getByText('The shop has no code NONE-SUCH.').waitFor();
        await alert.getByText('The order would be rejected. Remove the code to order.').waitFor();
        const field = page.getByLabel('Discount code');
        const description = await field.evaluate((input) =>
          document.getElementById(input.getAttribute('aria-describedby')).textContent.trim(),
        );
        assert.match(description, /no code NONE-SUCH/);
        assert.equal(await field.getAttribute('aria-invalid'), 'true');
        await isAccessible(page);
        await screenshot(page, `${screen}-basket-wrong-code`);

        // A reload keeps the code, and the order cannot be placed with it.
        await page.goto('/checkout');
        await alert.getByText('The shop has no code NONE-SUCH.').waitFor();
        const place = page.getByRole('button', { name: 'Place the order' });
        assert.equal(await place.getAttribute('aria-disabled'), 'true');
        await isAccessible(page);
        await page.getByRole('button', { name: 'Remove the code NONE-SUCH' }).click();
        await alert.getByText('NONE-SUCH').waitFor({ state: 'detached' });
        assert.ok(await field.evaluate((input) => input === document.activeElement));

        // The Enter key applies a code. It does not place the order.
        await field.fill(code.toLowerCase());
        await field.press('Enter');
        await page.locator('.code-list').getByText('−€5.00').waitFor();
        await total(page, '€3.75');
        await page.locator('.sums').getByText('List prices').waitFor();
        await isAccessible(page);
        await fits(page);
        await screenshot(page, `${screen}-checkout-discount`);
        await place.click();
        await page.waitForURL('**/orders/*');
        await shows(page, 'completed');
        const ordered = page.locator('.ordered');
        await ordered.getByText('−€1.25').waitFor();
        await ordered.getByText(sale).waitFor();
        await ordered.getByText(five).waitFor();
        assert.equal(await ordered.locator('tfoot tr').last().locator('td').innerText(), '€3.75');
        await page.locator('.details').getByText(code.toLowerCase()).waitFor();
        await isAccessible(page);
        await fits(page);
        await screenshot(page, `${screen}-order-discount`);

        // The only use is taken, so another customer cannot use the code.
        const other = await visitor(options);
        await signUp(other);
        await putProduct(other, product);
        await other.goto('/checkout');
        await enterCode(other, code);
        await other.getByRole('alert').getByText(`${five} is used up.`).waitFor();
        assert.deepEqual([...staff.consoleErrors, ...other.consoleErrors], []);
        await other.context().close();

        for (const name of [sale, five]) {
          await staff.goto('/staff/promotions');
          await staff.getByRole('link', { name }).click();
          await staff.getByRole('button', { name: 'Delete promotion' }).click();
          await staff.getByRole('dialog', { name: 'Delete this promotion?' }).waitFor();
          await isAccessible(staff);
          await staff.getByRole('button', { name: 'Yes, delete it' }).click();
          await staff.getByRole('heading', { name: 'Promotions', level: 1 }).waitFor();
        }
        await staff.context().close();
        await product.remove();
      },
      { skip, ...options },
    );
  });
}

describe('a discount code', () => {
  inBrowser(
    'that the customer has used before is the reason why the order is rejected',
    async (page) => {
      const product = await newProduct();
      const code = newName('ONCE').toUpperCase();
      const promotion = await newPromotion(product, { code, customer_limit: 1 });
      await signUp(page);
      await putProduct(page, product);
      await page.goto('/basket');
      await enterCode(page, code);
      await page.locator('.code-list').getByText('−€0.69').waitFor();
      await order(page);
      await shows(page, 'completed');
      // A quote does not know the customer.
      await putProduct(page, product);
      await page.goto('/basket');
      await page.getByLabel('Discount code').waitFor();
      assert.equal(await page.locator('.code-list').count(), 0);
      await enterCode(page, code);
      await page.locator('.code-list').getByText('−€0.69').waitFor();
      await order(page);
      await shows(page, 'rejected');
      const words = new RegExp(`Each customer can use ${promotion.name} once.*Nothing was charged\\.`);
      await page.locator('.situation', { hasText: words }).waitFor();
      await isAccessible(page);
      await page.getByRole('link', { name: 'Review your basket' }).click();
      await page.locator('.line').waitFor();
      assert.equal(await page.locator('.code-list').count(), 0);
      await order(page);
      await shows(page, 'completed');
      await promotion.remove();
      await product.remove();
    },
    { skip },
  );

  inBrowser(
    'that is not needed is a hint and does not stop the order',
    async (page) => {
      const product = await newProduct();
      const [group, code] = [newName('group'), newName('LESS').toUpperCase()];
      const sale = await newPromotion(product, { exclusive_group: group });
      const less = await newPromotion(product, {
        code,
        exclusive_group: group,
        reduction: { kind: 'percent', basis_points: 100 },
      });
      await signUp(page);
      await putProduct(page, product);
      await page.goto('/basket');
      await enterCode(page, code);
      await page.getByText(`${less.name} cannot be combined with ${sale.name}, which is better for you.`).waitFor();
      await total(page, '€6.21');
      await isAccessible(page);
      await order(page);
      await shows(page, 'completed');
      for (const made of [sale, less, product]) await made.remove();
    },
    { skip },
  );
});

describe('a shop without discount-service', () => {
  inBrowser(
    'shows list prices, and takes orders at these prices only',
    async (page) => {
      const product = await newProduct();
      const sale = await newPromotion(product);
      const unavailable = { status: 503, contentType: 'application/problem+json', body: '{}' };
      await page.route('**/api/prices?*', (route) => route.fulfill(unavailable));
      await page.route('**/api/quote', (route) => route.fulfill(unavailable));
      const notice = page.getByText('Discounts cannot be shown at the moment.');
      await signUp(page);
      await page.goto(`/?q=${product.sku}`);
      await notice.waitFor();
      assert.equal(await page.locator('.card s').count(), 0);
      await isAccessible(page);
      await putProduct(page, product);
      await notice.waitFor();
      await page.goto('/checkout');
      await notice.waitFor();
      await total(page, '€6.90');
      await isAccessible(page);
      await screenshot(page, 'light-checkout-without-discounts');
      await page.getByRole('button', { name: 'Place the order' }).click();
      await page.waitForURL('**/orders/*');
      // The real total is lower than the customer saw, so the order is not accepted.
      await shows(page, 'rejected');
      await page.unroute('**/api/quote');
      await page.goto('/basket');
      await total(page, '€6.21');
      assert.equal(await notice.count(), 0);
      await sale.remove();
      await product.remove();
    },
    { skip },
  );
});

describe('staff', () => {
  inBrowser(
    'see a change of a promotion that was made while they edited',
    async (page) => {
      const product = await newProduct();
      const promotion = await newPromotion(product, { total_limit: 100 });
      const address = `/staff/promotions/${promotion.id}`;
      await staffAt(page, address, promotion.name);
      await page.getByLabel('Percent').fill('20');
      const other = await newTab(page.context());
      await other.goto(address);
      await other.getByLabel('Most orders', { exact: true }).fill('50');
      await other.getByRole('button', { name: 'Save' }).click();
      await other.getByRole('heading', { name: 'Promotions', level: 1 }).waitFor();

      const save = page.getByRole('button', { name: 'Save', exact: true });
      const notice = page.getByRole('alert');
      await save.click();
      await notice.getByText('This promotion was changed while you edited it.').waitFor();
      assert.match(await notice.innerText(), /Most orders[^]*100[^]*50/);
      await isAccessible(page);
      await notice.getByRole('button', { name: 'Load the new values' }).click();
      await notice.waitFor({ state: 'detached' });
      assert.equal(await page.getByLabel('Most orders', { exact: true }).inputValue(), '50');
      assert.equal(await page.getByLabel('Percent').inputValue(), '20');
      await save.click();
      await page.getByRole('heading', { name: 'Promotions', level: 1 }).waitFor();
      await page.getByRole('row').filter({ hasText: promotion.name }).getByText('20 %').waitFor();
      assert.deepEqual(other.consoleErrors, []);
      await promotion.remove();
      await product.remove();
    },
    { skip },
  );
});
