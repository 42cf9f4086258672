/** The admin port of a broker: status, metrics and health, for people and monitoring; read-only but for backups. */
@NullMarked
package dev.tally.broker.admin;

import org.jspecify.annotations.NullMarked;
