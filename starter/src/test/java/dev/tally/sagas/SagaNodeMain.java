package dev.tally.sagas;

import dev.tally.sagas.SagaApplication.Orders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A node that places orders until it is told to stop, and goes on with the sagas of all nodes. */
final class SagaNodeMain {

    static final String READY = "node is ready";
    static final String PLACED = "placed ";
    static final String STOPPED = "node places nothing more";
    private static final long PAUSE_NANOS = 15_000_000;

    private SagaNodeMain() {}

    /** @param arguments the name of this run of the node, and the application's */
    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        String[] ofApplication = java.util.Arrays.copyOfRange(arguments, 1, arguments.length);
        ConfigurableApplicationContext application =
                new SpringApplicationBuilder(SagaApplication.class).run(ofApplication);
        Orders orders = application.getBean(Orders.class);
        AtomicBoolean stopped = new AtomicBoolean();
        Thread placing = new Thread(() -> place(name, orders, stopped), "placing");
        placing.start();
        System.out.println(READY);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (input.readLine() != null) {
            stopped.set(true);
        }
    }

    private static void place(String name, Orders orders, AtomicBoolean stopped) {
        for (int i = 0; !stopped.get(); i++) {
            String id = name + "-" + i;
            try {
                orders.place(id, "tea", i % 4 == 0 ? 5000 : 10);
                System.out.println(PLACED + id);
            } catch (RuntimeException e) {
                System.out.println("not placed " + id + ": " + e);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        System.out.println(STOPPED);
    }
}
