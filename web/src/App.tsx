import { lazy, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { LoginPage } from './account/LoginPage';
import { SignUpPage } from './account/SignUpPage';
import { BasketPage } from './basket/BasketPage';
import { CheckoutPage } from './checkout/CheckoutPage';
import { OrderPage } from './orders/OrderPage';
import { OrdersPage } from './orders/OrdersPage';
import { Members } from './session/Members';
import { Currencies } from './shop/Currencies';
import { ProductPage } from './shop/ProductPage';
import { ShopPage } from './shop/ShopPage';
import { Boundary } from './ui/Boundary';
import { Footer } from './ui/Footer';
import { Header } from './ui/Header';
import { LiveNotice } from './ui/LiveNotice';
import { NotFoundPage } from './ui/NotFoundPage';
import { Loading } from './ui/states';
import { StorageNotice } from './ui/StorageNotice';

// Customers do not load the pages for staff.
const StaffOrdersPage = lazy(() => import('./staff/StaffOrdersPage'));
const StaffDeliveriesPage = lazy(() => import('./staff/StaffDeliveriesPage'));
const StaffParkedPage = lazy(() => import('./staff/StaffParkedPage'));
const StaffProductsPage = lazy(() => import('./staff/StaffProductsPage'));
const StaffProductPage = lazy(() => import('./staff/StaffProductPage'));
const StaffPromotionsPage = lazy(() => import('./staff/StaffPromotionsPage'));
const StaffPromotionPage = lazy(() => import('./staff/StaffPromotionPage'));
const StaffQueuesPage = lazy(() => import('./staff/StaffQueuesPage'));

export function App() {
  const [location] = useLocation();
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <StorageNotice />
        <Boundary key={location}>
          <Suspense fallback={<Loading kind="block" rows={1} />}>
            <Currencies>{() => <Pages />}</Currencies>
          </Suspense>
        </Boundary>
      </main>
      <Footer />
      <LiveNotice />
    </>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <ShopPage />
      </Route>
      <Route path="/products/:id">{({ id }) => <ProductPage key={id} id={id} />}</Route>
      <Route path="/basket">
        <BasketPage />
      </Route>
      <Route path="/login">
        <LoginPage />
      </Route>
      <Route path="/sign-up">
        <SignUpPage />
      </Route>
      <Route path="/checkout">
        <Members>{() => <CheckoutPage />}</Members>
      </Route>
      <Route path="/orders">
        <Members>{() => <OrdersPage />}</Members>
      </Route>
      <Route path="/orders/:id">
        {({ id }) => <Members>{(user) => <OrderPage key={id} id={id} user={user} />}</Members>}
      </Route>
      <Route path="/staff/orders">
        <Members staff>{() => <StaffOrdersPage />}</Members>
      </Route>
      <Route path="/staff/products">
        <Members staff>{() => <StaffProductsPage />}</Members>
      </Route>
      <Route path="/staff/products/:id">
        {({ id }) => <Members staff>{() => <StaffProductPage key={id} id={id} />}</Members>}
      </Route>
      <Route path="/staff/promotions">
        <Members staff>{() => <StaffPromotionsPage />}</Members>
      </Route>
      <Route path="/staff/promotions/:id">
        {({ id }) => <Members staff>{() => <StaffPromotionPage key={id} id={id} />}</Members>}
      </Route>
      <Route path="/staff/deliveries">
        <Members staff>{() => <StaffDeliveriesPage />}</Members>
      </Route>
      <Route path="/staff/queues">
        <Members staff>{() => <StaffQueuesPage />}</Members>
      </Route>
      <Route path="/staff/parked">
        <Members staff>{() => <StaffParkedPage />}</Members>
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}
