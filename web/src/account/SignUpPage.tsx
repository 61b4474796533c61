import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { Link, Redirect, useSearch } from 'wouter';
import { users } from '../api/client';
import { fieldErrors, isUndecided, Refused } from '../api/problem';
import { unwrap } from '../api/transport';
import { text } from '../checkout/address';
import { nextAddress } from '../session/next';
import { session } from '../session/session';
import { useSession } from '../session/useSession';
import { Field } from '../ui/Field';
import { Form } from '../ui/Form';
import { Page } from '../ui/Page';
import { Submit } from '../ui/Submit';
import { NeedsHttps } from './NeedsHttps';
import { password } from './password';

interface Registration {
  username: string;
  email: string;
  password: string;
}

/** Registers and logs in. If the first try lost its answer, a second try logs in to the new account. */
function useSignUp() {
  const registered = useRef<Registration | null>(null);
  const unanswered = useRef<Registration | null>(null);
  return useMutation({
    mutationFn: async (registration: Registration) => {
      const { username, password } = registration;
      let refusal: unknown;
      if (!isSame(registered.current, registration)) {
        try {
          await unwrap(users.POST('/register', { body: registration }));
          registered.current = registration;
        } catch (error) {
          if (isUndecided(error)) unanswered.current = registration;
          // An earlier try without an answer may have created the account. Then the password is correct.
          const isTaken = error instanceof Refused && error.status === 409;
          if (!isTaken || !isSame(unanswered.current, registration)) throw error;
          refusal = error;
        }
      }
      await session.logIn({ username, password }).catch((error: unknown) => {
        throw refusal ?? error;
      });
    },
  });
}

function isSame(before: Registration | null, { username, email }: Registration): boolean {
  return before?.username === username && before.email === email;
}

export function SignUpPage() {
  const state = useSession();
  const search = useSearch();
  const signingUp = useSignUp();
  const errors = fieldErrors(signingUp.error);

  if (state.is === 'member') return <Redirect to={nextAddress(search)} replace />;
  if (!isSecureContext) return <NeedsHttps title="Create an account" />;
  return (
    <Page title="Create an account">
      <div className="narrow">
        <Form
          error={signingUp.error}
          fields={['/username', '/email', '/password']}
          onSubmit={(form) =>
            signingUp.mutate({ username: text(form, 'username'), email: text(form, 'email'), password: password(form) })
          }
          className="form"
        >
          <Field
            label="User name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            hint="3 to 32 letters from a to z, digits, dots, hyphens or underscores."
            error={errors.get('/username')}
          />
          <Field
            label="E-mail address"
            name="email"
            type="email"
            autoComplete="email"
            required
            error={errors.get('/email')}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            required
            hint="8 characters or more."
            error={errors.get('/password')}
          />
          <Submit busy={signingUp.isPending}>Create the account</Submit>
        </Form>
        <p>
          Already have an account? <Link href={`/login${search === '' ? '' : `?${search}`}`}>Log in</Link>
        </p>
      </div>
    </Page>
  );
}
