/** The effect that a promotion would have had on the latest orders, as text. */

import type { PromotionEffect } from '../api/client';
import { money, off } from '../ui/format';

export function effectText({ orders, orders_with_promotion, total_without, total_with }: PromotionEffect): string {
  if (orders === 0) return 'The shop has no orders yet.';
  const used = `${orders_with_promotion} of the last ${orders} ${orders === 1 ? 'order' : 'orders'} would have used it.`;
  if (orders_with_promotion === 0) return used;
  const taken = { ...total_with, amount_minor: total_without.amount_minor - total_with.amount_minor };
  return `${used} The sum of all would have been ${money(total_with)} instead of ${money(total_without)} (${off(taken)}).`;
}
