import { useMutation } from '@tanstack/react-query';
import { Link, Redirect, useSearch } from 'wouter';
import { fieldErrors } from '../api/problem';
import { text } from '../checkout/address';
import { nextAddress } from '../session/next';
import { type Credentials, session } from '../session/session';
import { useSession } from '../session/useSession';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { Page } from '../ui/Page';
import { Submit } from '../ui/Submit';
import { NeedsHttps } from './NeedsHttps';
import { password } from './password';

const ENDED = {
  expired: 'Your session has ended.',
  elsewhere: 'You logged out in another tab.',
};

export function LoginPage() {
  const state = useSession();
  const search = useSearch();
  const logIn = useMutation({ mutationFn: (credentials: Credentials) => session.logIn(credentials) });
  const errors = fieldErrors(logIn.error);

  if (state.is === 'member') return <Redirect to={nextAddress(search)} replace />;
  if (!isSecureContext) return <NeedsHttps title="Log in" />;
  return (
    <Page title="Log in">
      <div className="narrow">
        {state.is === 'guest' && state.ended !== null && (
          <p className="notice" role="status">
            {ENDED[state.ended]} Log in again to continue where you were. Your basket is still there.
          </p>
        )}
        <Form
          error={logIn.error}
          fields={['/username', '/password']}
          onSubmit={(form) => logIn.mutate({ username: text(form, 'username'), password: password(form) })}
          className="form"
        >
          <Field
            label="User name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            error={errors.get('/username')}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            error={errors.get('/password')}
          />
          <Submit busy={logIn.isPending}>Log in</Submit>
        </Form>
        <p>
          New here? <Link href={`/sign-up${search === '' ? '' : `?${search}`}`}>Create an account</Link>
        </p>
      </div>
    </Page>
  );
}
