// The parcel of a completed order. The carrier is simulated and fast.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  inBrowser,
  isAccessible,
  logIn,
  order,
  putIntoBasket,
  screenshot,
  shows,
  signUp,
  visitor,
  withoutStaff,
} from '../browser.mjs';

const { STAFF_USERNAME, STAFF_PASSWORD } = process.env;

describe('a parcel', () => {
  inBrowser(
    'waits for an address, and is followed live to the door',
    async (page) => {
      await signUp(page);
      await putIntoBasket(page);
      const id = await order(page);
      await shows(page, 'completed');
      const parcel = page.getByRole('region', { name: 'Parcel' });
      await parcel.getByText('Enter your address, so that we can send your parcel.').waitFor();
      await isAccessible(page);
      await parcel.getByRole('button', { name: 'Send it to this address' }).click();
      await page.locator('input[name=name][aria-invalid=true]:focus').waitFor();
      await parcel.getByLabel('Name').fill('Ada');
      await parcel.getByLabel('Street and number').fill('1 Lane');
      await parcel.getByLabel('Postal code').fill('10115');
      await parcel.getByLabel('Town').fill('Berlin');
      await parcel.getByLabel('Country').selectOption({ label: 'Germany' });
      await parcel.getByRole('button', { name: 'Send it to this address' }).click();
      // The page is not reloaded. The socket says that the parcel has moved.
      await parcel.locator('[data-delivery=delivered]').waitFor();
      await parcel.getByText('Your parcel has arrived.').waitFor();
      assert.equal(await parcel.locator('.step-done').count(), 5);
      assert.equal(await parcel.getByRole('button').count(), 0, 'the address can no longer be changed');
      await isAccessible(page);
      await screenshot(page, 'light-parcel');

      const staff = await visitor({ viewport: { width: 390, height: 844 } });
      await staff.goto('/login?next=/staff/deliveries');
      await logIn(staff, STAFF_USERNAME, STAFF_PASSWORD);
      const row = staff.getByRole('row').filter({ has: staff.locator(`a[href="/orders/${id}"]`) });
      await row.getByText('Delivered').waitFor();
      await isAccessible(staff);
      await screenshot(staff, 'phone-staff-deliveries');
      assert.deepEqual(staff.consoleErrors, []);
      await staff.context().close();
    },
    { skip: withoutStaff },
  );
});
