package dev.tally.publish;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAttribute;

/**
 * Spring's own source of transaction attributes, but for one thing: the attributes that {@link TransactionalPublisher}
 * brings along stand back behind those of the method's class, as long as they do not name a transaction manager.
 */
final class PublisherTransactionAttributeSource extends AnnotationTransactionAttributeSource {

    PublisherTransactionAttributeSource() {
        // As Spring's configuration has it: protected and package-private methods count on class-based proxies.
        super(false);
    }

    @Override
    protected @Nullable TransactionAttribute determineTransactionAttribute(AnnotatedElement element) {
        if (element instanceof Method method
                && isOnlyBroughtAlong(method)
                && hasAttributes(method.getDeclaringClass())) {
            return null; // then Spring asks the class
        }
        return super.determineTransactionAttribute(element);
    }

    private static boolean isOnlyBroughtAlong(Method method) {
        MergedAnnotation<Transactional> nearest =
                MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).get(Transactional.class);
        MergedAnnotation<?> source = nearest.isPresent() ? nearest.getMetaSource() : null;
        return source != null
                && nearest.getString("transactionManager").isEmpty()
                && (source.getType() == TransactionalPublisher.class
                        || source.getType() == TransactionalPublisher.List.class);
    }

    private static boolean hasAttributes(Class<?> declaringClass) {
        return AnnotatedElementUtils.hasAnnotation(declaringClass, Transactional.class);
    }
}
