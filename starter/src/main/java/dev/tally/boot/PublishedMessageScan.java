package dev.tally.boot;

import dev.tally.boot.diagnostics.PublishingClasses;
import dev.tally.publish.PublishedMessage;
import dev.tally.publish.PublishedMessageListener;
import java.util.ArrayList;
import java.util.List;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/**
 * Checks the annotated event classes in the application's own packages at start-up. Those elsewhere are checked at their
 * first event, as all are in an image that was compiled ahead of time.
 */
final class PublishedMessageScan implements SmartInitializingSingleton, PublishingClasses {

    private final PublishedMessageListener listener;
    private final ConfigurableListableBeanFactory beanFactory;

    PublishedMessageScan(PublishedMessageListener listener, ConfigurableListableBeanFactory beanFactory) {
        this.listener = listener;
        this.beanFactory = beanFactory;
    }

    @Override
    public void afterSingletonsInstantiated() {
        listener.validate(publishingClasses());
    }

    @Override
    public List<Class<?>> publishingClasses() {
        if (AotDetector.useGeneratedArtifacts() || !AutoConfigurationPackages.has(beanFactory)) {
            return List.of();
        }
        Scanner scanner = new Scanner();
        List<Class<?>> classes = new ArrayList<>();
        for (String basePackage : AutoConfigurationPackages.get(beanFactory)) {
            for (BeanDefinition found : scanner.findCandidateComponents(basePackage)) {
                classes.add(ClassUtils.resolveClassName(
                        String.valueOf(found.getBeanClassName()), beanFactory.getBeanClassLoader()));
            }
        }
        return classes;
    }

    /** Finds interfaces and abstract classes, too. */
    private static final class Scanner extends ClassPathScanningCandidateComponentProvider {

        Scanner() {
            super(false);
            addIncludeFilter(new AnnotationTypeFilter(PublishedMessage.class));
            addIncludeFilter(new AnnotationTypeFilter(PublishedMessage.List.class));
        }

        @Override
        protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
            return true;
        }
    }
}
