import { Link } from 'wouter';

/** The text for an order that was sent but not answered. */
export function UnansweredWords() {
  return (
    <>
      The shop did not answer, so your order may have been placed. Look under <Link href="/orders">My orders</Link>{' '}
      before you order anything else. Within 24 hours, ordering this basket again does not place a second order.
    </>
  );
}

export function UnansweredNotice() {
  return (
    <p className="notice" role="status">
      <UnansweredWords />
    </p>
  );
}
