/** Who may do what: accounts, signatures, permissions and addresses that are trusted, checked before a request is handled. */
@NullMarked
package dev.tally.broker.access;

import org.jspecify.annotations.NullMarked;
