import { Component, type ReactNode } from 'react';
import { ErrorState } from './states';

/** Shows an error in place of a failed page. The rest of the shop keeps working. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    // A code file that cannot be loaded may belong to an older version of the shop. A reload fixes that.
    return <ErrorState error={this.state.error} retry={() => location.reload()} />;
  }
}
