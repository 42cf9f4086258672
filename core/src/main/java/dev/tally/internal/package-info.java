/** What several packages need to look at beans and their proxies; not for users. */
@NullMarked
package dev.tally.internal;

import org.jspecify.annotations.NullMarked;
