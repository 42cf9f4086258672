/** Topics, the topics of consumer groups, and their creation on demand. */
@NullMarked
package dev.tally.broker.topic;

import org.jspecify.annotations.NullMarked;
