import '@fontsource/young-serif/latin-400.css';
import '@fontsource-variable/instrument-sans/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/shop.css';
import './styles/discounts.css';
import './styles/picture.css';
import './styles/orders.css';
import './styles/timeline.css';
import './styles/staff.css';
import './styles/dialog.css';
import './styles/contrast.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isTemporary } from './api/problem';
import { App } from './App';
import { changeBasket } from './basket/useBasket';
import { followDeliveries } from './deliveries/queries';
import { live, startLive } from './live/live';
import { followLive } from './orders/queries';
import { session } from './session/session';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Only temporary errors are retried, for a short time. Other errors are shown at once.
      retry: (failures, error) => failures < 2 && isTemporary(error),
      retryDelay: (failure) => 400 * 2 ** failure,
      // Requests are sent even if the browser is offline, because the shop may run on this machine.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

let seenBy: string | null = null;
session.subscribe(() => {
  const { state } = session;
  if (state.is === 'unknown') return;
  const member = state.is === 'member' ? state.user.id : null;
  // The next user of this browser must not see the data of the previous one.
  if (seenBy !== null && member !== seenBy) {
    client.removeQueries({ queryKey: ['orders'] });
    client.removeQueries({ queryKey: ['broker'] });
    client.removeQueries({ queryKey: ['customers'] });
    client.removeQueries({ queryKey: ['promotions'] });
    client.removeQueries({ queryKey: ['deliveries'] });
  }
  seenBy = member ?? seenBy;
});

startLive();
followLive(client);
followDeliveries(client);
// A rejected order returns its lines to the basket, on every page.
live.onStatus(({ order_id: id, status }) => changeBasket({ do: 'settle', id, status }));
void session.start();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
