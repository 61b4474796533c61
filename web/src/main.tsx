import '@fontsource/young-serif/latin-400.css';
import '@fontsource-variable/instrument-sans/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/shop.css';
import './styles/picture.css';
import './styles/orders.css';
import './styles/timeline.css';
import './styles/staff.css';
import './styles/dialog.css';
import './styles/contrast.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { passes } from './api/problem';
import { App } from './App';
import { changeBasket } from './basket/useBasket';
import { live, startLive } from './live/live';
import { followLive } from './orders/queries';
import { session } from './session/session';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Soon enough to be told; what does not pass is said at once.
      retry: (failures, error) => failures < 2 && passes(error),
      retryDelay: (failure) => 400 * 2 ** failure,
      // Where the network is, the shop may be: this machine's own is there without one.
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
  // What one person saw is not for the next one at the same screen.
  if (seenBy !== null && member !== seenBy) {
    client.removeQueries({ queryKey: ['orders'] });
    client.removeQueries({ queryKey: ['broker'] });
    client.removeQueries({ queryKey: ['customers'] });
  }
  seenBy = member ?? seenBy;
});

startLive();
followLive(client);
// A rejected order gives its lines back to the basket, on whatever page its customer is.
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
