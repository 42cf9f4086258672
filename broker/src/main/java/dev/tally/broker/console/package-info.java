/** What people ask and change by the administration tool and the dashboard. */
@NullMarked
package dev.tally.broker.console;

import org.jspecify.annotations.NullMarked;
