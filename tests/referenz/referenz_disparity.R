# Reference numbers for gradient and trend from base R; run by referenz_disparity.py.
folder <- commandArgs(trailingOnly = TRUE)[1]
found <- data.frame(key = character(), value = character(), tolerance = numeric(), source = character())
note <- function(key, value, source, tolerance = 1e-9) {
  value <- formatC(as.numeric(value), digits = 15, format = "g", flag = "", width = 1)
  found[nrow(found) + 1, ] <<- list(key, value, tolerance, source)
}

# gradient: weighted regression on the middle of the cumulated people, swiss (bundled with R)
data <- swiss[order(swiss$Education, rownames(swiss)), ]
write.csv(data.frame(need = data$Education, value = data$Fertility, people = 1000 + 10 * data$Catholic),
          file.path(folder, "daten_disparity", "swiss.csv"), row.names = FALSE)
people <- 1000 + 10 * data$Catholic
part <- tapply(people, data$Education, sum)
upper <- cumsum(part) / sum(people)
middle <- (upper - part / sum(people) / 2)[as.character(data$Education)]
fit <- lm(data$Fertility ~ middle, weights = people)
note("swiss.sii", coef(fit)[2], "stats::lm")
note("swiss.rii", sum(coef(fit)) / coef(fit)[1], "stats::lm")

# trend of shares: Cochran and Armitage
cases <- c(83, 90, 129, 70); all <- c(86, 93, 136, 82)   # smokers, ?prop.trend.test
test <- prop.trend.test(cases, all)
note("smokers.p", test$p.value, "stats::prop.trend.test")
note("smokers.slope", coef(lm(cases / all ~ I(1:4), weights = all))[2], "stats::lm")
note("smokers.curved", pchisq(prop.test(cases, all)$statistic - test$statistic, 2, lower.tail = FALSE),
     "stats::prop.test")
years <- c(2015, 2017, 2018, 2022, 2023)
more <- c(12, 15, 11, 25, 31); people5 <- c(401, 390, 420, 433, 470)
note("uneven.p", prop.trend.test(more, people5, score = years)$p.value, "stats::prop.trend.test")
note("uneven.slope", coef(lm(more / people5 ~ years, weights = people5))[2], "stats::lm")
# Poisson score test of the same: glm, test of Rao
null <- glm(more ~ 1 + offset(log(people5)), family = poisson, control = list(epsilon = 1e-14, maxit = 100))
full <- glm(more ~ years + offset(log(people5)), family = poisson, control = list(epsilon = 1e-14, maxit = 100))
note("poisson.p", anova(null, full, test = "Rao")[2, "Pr(>Chi)"], "stats::glm with Rao test")
write.csv(found, file.path(folder, "referenz_disparity.csv"), row.names = FALSE, quote = FALSE)
