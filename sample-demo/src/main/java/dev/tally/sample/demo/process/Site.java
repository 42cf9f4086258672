package dev.tally.sample.demo.process;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The three programs of a run with their ports and directories.
 *
 * @param broker the broker
 * @param orderService the order service
 * @param stockService the stock service
 * @param brokerAdmin where the broker's status is
 * @param orders where orders are placed
 * @param stock where stock is read
 * @since 0.1
 */
public record Site(Program broker, Program orderService, Program stockService, URI brokerAdmin, URI orders, URI stock) {

    /** Small heaps and the quick compiler: three JVMs are to start fast beside each other on two cores. */
    private static final List<String> JVM_OPTIONS =
            List.of("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8");

    /** Shares of payments that the bank refuses, and of attempts that it leaves without an answer. */
    private static final double REFUSED_PAYMENTS = 0.1;

    private static final double FAILING_PAYMENTS = 0.1;

    /** Lays a run out under {@code directory}, which exists. */
    public static Site layOut(Installation installation, Path directory, Ports ports, int initialStock)
            throws ProcessFailedException {
        int brokerPort = ports.next();
        int adminPort = ports.next();
        int ordersPort = ports.next();
        int stockPort = ports.next();
        URI admin = local(adminPort);
        URI orders = local(ordersPort);
        URI stock = local(stockPort);
        Program broker = new Program(
                "broker",
                java(
                        installation,
                        installation.broker(),
                        "--data",
                        directory.resolve("broker").toString(),
                        "--port",
                        String.valueOf(brokerPort),
                        "--admin-port",
                        String.valueOf(adminPort)),
                List.of(brokerPort, adminPort),
                admin.resolve("/status"),
                directory.resolve("broker.log"));
        Program orderService = service(
                "order service",
                installation,
                installation.orderService(),
                directory,
                "orders",
                ordersPort,
                brokerPort,
                "--sample.payments.refusal-rate=" + REFUSED_PAYMENTS,
                "--sample.payments.failure-rate=" + FAILING_PAYMENTS);
        Program stockService = service(
                "stock service",
                installation,
                installation.stockService(),
                directory,
                "stock",
                stockPort,
                brokerPort,
                "--sample.stock.initial=" + initialStock);
        return new Site(broker, orderService, stockService, admin, orders, stock);
    }

    private static Program service(
            String name,
            Installation installation,
            Path jar,
            Path directory,
            String data,
            int port,
            int brokerPort,
            String... more) {
        List<String> command = java(
                installation,
                jar,
                "--server.port=" + port,
                "--rocketmq.name-server=127.0.0.1:" + brokerPort,
                "--sample.data=" + directory.resolve(data),
                "--spring.main.banner-mode=off");
        command.addAll(List.of(more));
        return new Program(
                name,
                command,
                List.of(port),
                local(port).resolve("/actuator/health/readiness"),
                directory.resolve(data + ".log"));
    }

    private static List<String> java(Installation installation, Path jar, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(installation.java().toString());
        command.addAll(JVM_OPTIONS);
        command.add("-jar");
        command.add(jar.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private static URI local(int port) {
        return URI.create("http://127.0.0.1:" + port + "/");
    }
}
