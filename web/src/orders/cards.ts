/** Test cards of the payment provider (https://docs.stripe.com/testing). Each name shows the result of a payment. */

export interface Card {
  /** The provider's token. Card numbers never reach the shop. */
  token: string;
  name: string;
}

export const CARDS: readonly [Card, ...Card[]] = [
  { token: 'pm_card_visa', name: 'Visa (payment succeeds)' },
  { token: 'pm_card_mastercard', name: 'Mastercard (payment succeeds)' },
  { token: 'pm_card_chargeDeclined', name: 'Visa (declined)' },
  { token: 'pm_card_chargeDeclinedInsufficientFunds', name: 'Visa (insufficient funds)' },
  { token: 'pm_card_chargeDeclinedExpiredCard', name: 'Visa (expired card)' },
];

/** The name of a card by its token. */
export function cardName(token: string): string {
  return CARDS.find((known) => known.token === token)?.name ?? token;
}
