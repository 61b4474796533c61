import { useMutation } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { sentence } from '../api/problem';
import { countPieces } from '../basket/basket';
import { useBasket } from '../basket/useBasket';
import { session } from '../session/session';
import { useMember, useSession } from '../session/useSession';
import { pieces } from './format';
import { focusHeading } from './Page';

export function Header() {
  const count = countPieces(useBasket());
  const isStaff = useMember()?.role === 'staff';
  return (
    <header className="header">
      <div className={isStaff ? 'wide header-row header-row-staff' : 'wide header-row'}>
        <Link href="/" className="wordmark">
          <Mark />
          <span className="wordmark-text">Orderflow</span>
        </Link>
        {isStaff && (
          <nav className="nav nav-staff" aria-label="Staff">
            <NavLink href="/staff/orders">Orders</NavLink>
            <NavLink href="/staff/products">Products</NavLink>
            <NavLink href="/staff/promotions">Promotions</NavLink>
            <NavLink href="/staff/deliveries">Deliveries</NavLink>
            <NavLink href="/staff/queues">Queues</NavLink>
            <NavLink href="/staff/parked">Parked</NavLink>
          </nav>
        )}
        <nav className="nav" aria-label="Shop">
          <Account />
          <NavLink href="/basket">
            Basket
            <span className={count > 0 ? 'count' : 'count count-none'} aria-hidden="true">
              {count}
            </span>
            <span className="only-heard">{count === 0 ? ', empty' : `, ${pieces(count)}`}</span>
          </NavLink>
        </nav>
      </div>
    </header>
  );
}

function Account() {
  const state = useSession();
  const [, navigate] = useLocation();
  const leave = () => {
    navigate('/');
    // The button that had the focus has disappeared, even if the page stays the same.
    focusHeading();
  };
  const logOut = useMutation({ mutationFn: () => session.logOut(), onSuccess: leave });

  // Show nothing yet, to avoid flicker.
  if (state.is === 'unknown') return null;
  if (state.is === 'guest') return <NavLink href="/login">Log in</NavLink>;
  return (
    <>
      {state.user.role !== 'staff' && <NavLink href="/orders">My orders</NavLink>}
      <button
        type="button"
        className="nav-link"
        onClick={() => logOut.mutate()}
        title={logOut.error === null ? `Logged in as ${state.user.username}` : sentence(logOut.error)}
      >
        {logOut.error === null ? 'Log out' : 'Log out: try again'}
      </button>
    </>
  );
}

function NavLink({ href, children }: { href: string; children: React.ReactNode }) {
  const [location] = useLocation();
  return (
    <Link href={href} className="nav-link" aria-current={location === href ? 'page' : undefined}>
      {children}
    </Link>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
      <path className="mark-cup" d="M5 13h18v5a8 8 0 0 1-8 8h-2a8 8 0 0 1-8-8z" />
      <path className="mark-line" d="M23 15h2a3.500 3.500 0 0 1 0 7h-3" />
      <path className="mark-steam" d="M11 9c-2-2.500 2-3.500 0-6M17 9c-2-2.500 2-3.500 0-6" />
    </svg>
  );
}
