package dev.tally.sample.demo;

import dev.tally.sample.demo.process.Child;
import dev.tally.sample.demo.process.ProcessFailedException;
import dev.tally.sample.demo.process.Site;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.watch.MeterLog;
import java.net.http.HttpClient;
import java.util.List;

/** The three running programs. */
final class Stage {

    final Child broker;
    final Child orderService;
    final Child stockService;
    final MeterLog orderMeters;
    final MeterLog stockMeters;

    Stage(Site site, HttpClient http, Pacing pacing) {
        this.broker = new Child(site.broker(), http, pacing);
        this.orderService = new Child(site.orderService(), http, pacing);
        this.stockService = new Child(site.stockService(), http, pacing);
        this.orderMeters = new MeterLog(orderService, site.orders(), http);
        this.stockMeters = new MeterLog(stockService, site.stock(), http);
    }

    List<Child> all() {
        return List.of(orderService, stockService, broker);
    }

    /** Starts all three and waits until they are ready. */
    void start() throws ProcessFailedException, InterruptedException {
        broker.start();
        broker.awaitReady();
        orderService.start();
        stockService.start();
        orderService.awaitReady();
        stockService.awaitReady();
    }

    /** Lets all three end, the broker last. */
    void stop() {
        orderService.beginToStop();
        stockService.beginToStop();
        all().forEach(Child::stop);
    }

    /** Kills all three for good. */
    void abandon() {
        all().forEach(Child::abandon);
    }

    void readMeters() throws InterruptedException {
        orderMeters.read();
        stockMeters.read();
    }
}
