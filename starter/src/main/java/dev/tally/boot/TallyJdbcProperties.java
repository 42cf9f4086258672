package dev.tally.boot;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.util.unit.DataSize;

/**
 * Tally's tables.
 *
 * @param initializeSchema whether Tally creates its tables at start-up: for in-memory databases only (embedded), always,
 *     or never. The scripts change nothing where the tables are there
 * @param inboxRetention how long the inbox remembers handled messages. A message that was stored longer ago than that and
 *     is not in the inbox is dead-lettered, since nobody can tell whether it has been handled; keep it above the time that
 *     brokers keep messages
 * @param ledgerRetention how long the ledger remembers local transactions with half messages, at least. It remembers
 *     them longer where the broker may still ask about half messages that are older (Tally's broker: while one is undecided
 *     or parked; RocketMQ: by its fileReservedTime, 3 days), a day added, and all of them while that cannot be found out
 * @param purgeInterval pause between two rounds of removing older rows
 * @param purgeBatch rows removed at most by one statement
 * @param purgeMaxBatches statements for each table and round at most
 * @param largestPayload of the messages that are published; on MySQL and MariaDB, start-up warns where the server's
 *     max_allowed_packet is too small for it
 */
@ConfigurationProperties("tally.jdbc")
record TallyJdbcProperties(
        @DefaultValue("embedded") DatabaseInitializationMode initializeSchema,
        @DefaultValue("30d") Duration inboxRetention,
        @DefaultValue("7d") Duration ledgerRetention,
        @DefaultValue("10m") Duration purgeInterval,
        @DefaultValue("1000") int purgeBatch,
        @DefaultValue("100") int purgeMaxBatches,
        @DefaultValue("4MB") DataSize largestPayload) {}
