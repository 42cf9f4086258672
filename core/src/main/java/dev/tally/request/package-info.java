/** HTTP requests that take effect once for each idempotency key, on the servlet stack of Spring MVC. */
@NullMarked
package dev.tally.request;

import org.jspecify.annotations.NullMarked;
