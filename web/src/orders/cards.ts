/** Test cards of the payment provider, named as such (https://docs.stripe.com/testing). */

export interface Card {
  /** The provider's token; no card number ever gets here. */
  token: string;
  name: string;
  outcome: string;
}

export const CARDS: readonly [Card, ...Card[]] = [
  { token: 'pm_card_visa', name: 'Test Visa', outcome: 'is accepted' },
  { token: 'pm_card_mastercard', name: 'Test Mastercard', outcome: 'is accepted' },
  { token: 'pm_card_chargeDeclined', name: 'Test card', outcome: 'is declined' },
  { token: 'pm_card_chargeDeclinedInsufficientFunds', name: 'Test card', outcome: 'has too little money on it' },
  { token: 'pm_card_chargeDeclinedExpiredCard', name: 'Test card', outcome: 'has expired' },
];

/** The name of a card, whoever chose it. */
export function cardName(token: string): string {
  const card = CARDS.find((known) => known.token === token);
  return card ? `${card.name} that ${card.outcome}` : token;
}
