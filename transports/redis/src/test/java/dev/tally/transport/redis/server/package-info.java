/** A real Redis for tests. */
package dev.tally.transport.redis.server;
