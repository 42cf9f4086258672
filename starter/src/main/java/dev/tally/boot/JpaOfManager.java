package dev.tally.boot;

import dev.tally.publish.PendingChanges;
import dev.tally.publish.jpa.JpaPendingChanges;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.ClassUtils;

/** Apart, so that JPA's classes are needed only where JPA is. */
final class JpaOfManager {

    private JpaOfManager() {}

    static boolean isPresent() {
        ClassLoader loader = FurtherDataSources.class.getClassLoader();
        return ClassUtils.isPresent("jakarta.persistence.EntityManagerFactory", loader)
                && ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager", loader);
    }

    /** Where {@code transactions} is JPA's, its own take the place of another factory's. */
    static List<PendingChanges> belongingTo(PlatformTransactionManager transactions, List<PendingChanges> beans) {
        List<PendingChanges> own = pendingChanges(transactions);
        return own.isEmpty()
                ? beans
                : Stream.concat(beans.stream().filter(each -> !(each instanceof JpaPendingChanges)), own.stream())
                        .toList();
    }

    /** Those of the entity managers that {@code transactions} opens, if it is JPA's. */
    static List<PendingChanges> pendingChanges(PlatformTransactionManager transactions) {
        return transactions instanceof JpaTransactionManager jpa && jpa.getEntityManagerFactory() != null
                ? List.of(new JpaPendingChanges(jpa.getEntityManagerFactory()))
                : List.of();
    }
}
