import type { ReactNode } from 'react';

/** A notice that discount-service does not answer. The page shows list prices. */
export function UnavailableNotice({ children }: { children?: ReactNode }) {
  return (
    <p className="notice" role="status">
      Discounts cannot be shown at the moment. These are list prices. {children}
    </p>
  );
}
