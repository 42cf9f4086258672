package dev.tally.transport.rocketmq.crash;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Where the threads of this process stop, to be killed there or to go on later. A thread that works for a transaction has
 * that transaction's point; threads that answer check-backs or handle messages share the points that are armed, each of
 * which stops the first that comes by.
 */
final class Stops {

    private final Map<CrashPoint, Integer> armed = new EnumMap<>(CrashPoint.class);
    private final ThreadLocal<Scene> scenes = new ThreadLocal<>();
    private final Report report;
    private CountDownLatch gate = new CountDownLatch(1);

    /** Tells the outside that a thread has stopped. */
    interface Report {
        void stopped(String id, CrashPoint point);
    }

    /** What a thread does. */
    private static final class Scene {
        private final String id;
        private final CrashPoint.Place place;
        private final CrashPoint own;
        private CountDownLatch stoppedAt;

        Scene(String id, CrashPoint.Place place, CrashPoint own) {
            this.id = id;
            this.place = place;
            this.own = own;
        }
    }

    Stops(Report report) {
        this.report = report;
    }

    /** The current thread works for a transaction, which stops at {@code point}, or nowhere. */
    void beginTransaction(String id, CrashPoint point) {
        scenes.set(new Scene(id, CrashPoint.Place.TRANSACTION, point));
    }

    /** The current thread works at a place whose points are armed. */
    void begin(String id, CrashPoint.Place place) {
        scenes.set(new Scene(id, place, null));
    }

    void end() {
        scenes.remove();
    }

    boolean isAtPlace(CrashPoint.Place place) {
        Scene scene = scenes.get();
        return scene != null && scene.place == place;
    }

    /** Lets the next one stop that comes to {@code point}. */
    synchronized void arm(CrashPoint point) {
        armed.merge(point, 1, Integer::sum);
    }

    /** Lets all that have stopped go on, and nobody stop any more but at newly armed points. */
    synchronized void release() {
        armed.clear();
        gate.countDown();
        gate = new CountDownLatch(1);
    }

    /** Stops here if it is the place. */
    void at(CrashPoint point) {
        if (announce(point)) {
            stay();
        }
    }

    /** Tells that the point is reached if it is the place, and goes on. */
    boolean announce(CrashPoint point) {
        Scene scene = scenes.get();
        if (scene == null || scene.stoppedAt != null || !takes(scene, point)) {
            return false;
        }
        synchronized (this) {
            // Before it is told: who hears of it may release at once.
            scene.stoppedAt = gate;
        }
        report.stopped(scene.id, point);
        return true;
    }

    private synchronized boolean takes(Scene scene, CrashPoint point) {
        if (scene.own != null) {
            return scene.own == point;
        }
        Integer left = armed.get(point);
        if (left == null || scene.place != point.place()) {
            return false;
        }
        if (left == 1) {
            armed.remove(point);
        } else {
            armed.put(point, left - 1);
        }
        return true;
    }

    /** Where {@link #announce} has told of this thread: waits to be killed or released. */
    void stay() {
        Scene scene = scenes.get();
        boolean interrupted = false;
        while (scene != null && scene.stoppedAt != null) {
            try {
                scene.stoppedAt.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
