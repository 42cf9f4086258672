/** What was answered to a message or request, kept for who asks again. */
@NullMarked
package dev.tally.reply;

import org.jspecify.annotations.NullMarked;
