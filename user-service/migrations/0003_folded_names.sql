-- The program compares names and addresses in lower case. Both are ASCII, and the collation "C" folds ASCII alike on every
-- cluster; lower() of a Turkish cluster does not. The older indexes stay for the release before this one.
CREATE UNIQUE INDEX users_username_folded_key ON users (lower(username COLLATE "C"));
CREATE UNIQUE INDEX users_email_folded_key ON users (lower(email COLLATE "C"));
