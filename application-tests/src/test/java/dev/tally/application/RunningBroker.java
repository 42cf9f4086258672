package dev.tally.application;

import java.util.List;

/** A broker in a process of its own. */
interface RunningBroker extends AutoCloseable {

    /** What the application's configuration says of it. */
    List<String> properties();

    /** Ends it with SIGKILL. */
    void kill();

    /** Starts it again, on the same data. */
    void start();

    @Override
    void close();

    /** Of its parts. */
    static RunningBroker of(Runnable kill, Runnable start, Runnable close, String... properties) {
        return new RunningBroker() {
            @Override
            public List<String> properties() {
                return List.of(properties);
            }

            @Override
            public void kill() {
                kill.run();
            }

            @Override
            public void start() {
                start.run();
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
