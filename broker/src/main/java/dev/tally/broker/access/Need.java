package dev.tally.broker.access;

import dev.tally.broker.topic.GroupTopics;

/** What a request needs of an account. */
record Need(Kind kind, String name, Permission.Use use) {

    enum Kind {
        TOPIC,
        GROUP,
        /** An account that may do everything. */
        ADMIN,
        /** The message at a log position, whose topic is not known yet. */
        POSITION
    }

    static final Need ADMIN = new Need(Kind.ADMIN, "", Permission.Use.ANY);

    /** The use of a topic; a retry topic belongs to those who consume as its group. */
    static Need topic(String name, Permission.Use use) {
        return GroupTopics.isRetry(name) ? group(GroupTopics.groupOfRetry(name)) : new Need(Kind.TOPIC, name, use);
    }

    static Need group(String name) {
        return new Need(Kind.GROUP, name, Permission.Use.SUB);
    }

    static Need position(long position, Permission.Use use) {
        return new Need(Kind.POSITION, Long.toString(position), use);
    }
}
