# Reference numbers for the variance analyses, from independent implementations in R.
# Run by referenz_variance.py; writes daten/*.csv and referenz_variance.csv beside this script.
suppressPackageStartupMessages({
  library(lme4); library(metafor); library(vegan); library(spdep); library(glmmTMB)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(file.path(folder, "daten"), showWarnings = FALSE)
found <- data.frame(key = character(), value = character(), source = character())
note <- function(key, value, source) {
  found[nrow(found) + 1, ] <<- list(key, formatC(as.numeric(value), digits = 15, format = "g"), source)
}
keep <- function(name, table) {
  write.csv(table, file.path(folder, "daten", paste0(name, ".csv")), row.names = FALSE)
}
package <- function(name) paste(name, as.character(packageVersion(name)))

# one-way random effects -------------------------------------------------------------------------
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6))
oneway <- function(name, y, group) {
  table <- data.frame(y = y, group = as.character(group))
  keep(name, table)
  table$group <- factor(table$group)
  fit <- anova(lm(y ~ group, table))
  note(paste0(name, ".eta2"), fit[1, 2] / sum(fit[, 2]), "stats::anova")
  note(paste0(name, ".f"), fit[1, 4], "stats::anova")
  bare <- lm(y ~ group, table)
  note(paste0(name, ".omega2"), effectsize::omega_squared(bare, partial = FALSE, ci = NULL)$Omega2, package("effectsize"))
  note(paste0(name, ".epsilon2"), effectsize::epsilon_squared(bare, partial = FALSE, ci = NULL)$Epsilon2, package("effectsize"))
  for (method in c("reml", "ml")) {
    model <- lmer(y ~ 1 + (1 | group), table, REML = method == "reml", control = tight)
    v <- as.data.frame(VarCorr(model))$vcov
    note(paste0(name, ".icc_", method), v[1] / sum(v), package("lme4"))
  }
}
data(Dyestuff); data(Dyestuff2); data(sleepstudy); data(Penicillin); data(Pastes)
oneway("dyestuff", Dyestuff$Yield, Dyestuff$Batch)
oneway("dyestuff2", Dyestuff2$Yield, Dyestuff2$Batch)
oneway("sleepstudy", sleepstudy$Reaction, sleepstudy$Subject)
oneway("pastes", Pastes$strength, Pastes$batch)
oneway("chickweight", ChickWeight$weight, ChickWeight$Diet)

# exact interval, balanced
for (name in c("dyestuff", "sleepstudy")) {
  table <- read.csv(file.path(folder, "daten", paste0(name, ".csv")))
  wide <- do.call(rbind, split(table$y, table$group))
  icc <- psych::ICC(wide, lmer = FALSE)$results[1, ]
  note(paste0(name, ".icc"), icc$ICC, package("psych"))
  note(paste0(name, ".icc_low"), icc$`lower bound`, package("psych"))
  note(paste0(name, ".icc_high"), icc$`upper bound`, package("psych"))
}

# exact interval, unbalanced: by full covariance matrices
exact <- function(name) {
  table <- read.csv(file.path(folder, "daten", paste0(name, ".csv")))
  y <- table$y; n <- length(y); same <- outer(table$group, table$group, "=="); g <- length(unique(table$group))
  within <- sum((y - ave(y, table$group))^2)
  ratio <- function(rho) {
    inverse <- solve(diag(n) + rho / (1 - rho) * same)
    one <- rowSums(inverse)
    (sum(y * (inverse %*% y)) - sum(one * y)^2 / sum(one) - within) / (g - 1) / (within / (n - g))
  }
  bound <- function(p) {
    goal <- qf(p, g - 1, n - g)
    if (ratio(0) <= goal) 0 else uniroot(function(rho) ratio(rho) - goal, c(0, 1 - 1e-9), tol = 1e-12)$root
  }
  note(paste0(name, ".exact_low"), bound(0.975), "base R")
  note(paste0(name, ".exact_high"), bound(0.025), "base R")
}
exact("chickweight"); exact("dyestuff2")

# known sampling variance: three-level meta-analysis -----------------------------------------------
schools <- dat.konstantopoulos2011
keep("schools", data.frame(area = paste0("s", schools$study), y = schools$yi, v = schools$vi, group = schools$district))
fit <- rma.mv(yi, vi, random = ~ 1 | district / study, data = schools,
              control = list(optimizer = "nlminb", rel.tol = 1e-11))
note("schools.sigma2_between", fit$sigma2[1], package("metafor"))
note("schools.sigma2_within", fit$sigma2[2], package("metafor"))
note("schools.mean", fit$b, package("metafor"))
one <- rma(yi, vi, data = schools[!duplicated(schools$district), ], method = "DL")
note("schools.dersimonian_laird", one$tau2, package("metafor"))
keep("schools_first", data.frame(y = schools$yi, v = schools$vi)[!duplicated(schools$district), ])

# binomial mixed models --------------------------------------------------------------------------------
counts <- function(name, y, n, group) {
  table <- data.frame(area = sprintf("a%03d", seq_along(y)), y = y, n = n, group = as.character(group))
  keep(name, table)
  fit <- glmer(cbind(y, n - y) ~ 1 + (1 | group) + (1 | area), table, family = stats::binomial,
               control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6)))
  v <- as.data.frame(VarCorr(fit)); v <- setNames(v$vcov, v$grp)
  note(paste0(name, ".intercept"), fixef(fit), package("lme4"))
  note(paste0(name, ".sigma2_between"), v["group"], package("lme4"))
  note(paste0(name, ".sigma2_within"), v["area"], package("lme4"))
  note(paste0(name, ".loglik"), logLik(fit), package("lme4"))
  tmb <- glmmTMB(cbind(y, n - y) ~ 1 + (1 | group) + (1 | area), table, family = stats::binomial())
  note(paste0(name, ".tmb_loglik"), logLik(tmb), package("glmmTMB"))
  note(paste0(name, ".tmb_between"), attr(VarCorr(tmb)$cond$group, "stddev")^2, package("glmmTMB"))
  note(paste0(name, ".tmb_within"), attr(VarCorr(tmb)$cond$area, "stddev")^2, package("glmmTMB"))
}
data(cbpp)
counts("cbpp", cbpp$incidence, cbpp$size, cbpp$herd)
data(nc.sids, package = "spData")
sids <- data.frame(name = row.names(nc.sids), y = nc.sids$SID74, n = nc.sids$BIR74,
                   group = paste(nc.sids$M, nc.sids$L, sep = "."))
counts("sids", sids$y, sids$n, sids$group)

# multivariate ---------------------------------------------------------------------------------------------
data(dune); data(dune.env)
keep("dune", data.frame(group = dune.env$Management, type = dune.env$Use, dune))
set.seed(1)
fit <- adonis2(dist(dune) ~ Management, dune.env, permutations = 99)
note("dune.r2", fit$R2[1], package("vegan"))
note("dune.f", fit$F[1], package("vegan"))
fit <- adonis2(dist(scale(dune)) ~ Management, dune.env, permutations = 99)
note("dune.r2_scaled", fit$R2[1], package("vegan"))
note("dune.f_scaled", fit$F[1], package("vegan"))
fit <- anova(betadisper(dist(dune), dune.env$Management, type = "centroid", bias.adjust = TRUE))
note("dune.p", adonis2(dist(dune) ~ Management, dune.env, permutations = 9999)$`Pr(>F)`[1], package("vegan"))
note("dune.spread_p", permutest(betadisper(dist(dune), dune.env$Management, type = "centroid", bias.adjust = TRUE),
                                permutations = 9999)$tab$`Pr(>F)`[1], package("vegan"))
median <- betadisper(dist(dune), dune.env$Management, type = "median", bias.adjust = TRUE)
note("dune.median_f", anova(median)$`F value`[1], package("vegan"))
note("dune.median_first", median$distances[1], package("vegan"))
note("dune.median_last", median$distances[20], package("vegan"))
margin <- adonis2(dist(dune$Lolipere) ~ Management + Use, dune.env, by = "margin", permutations = 9)
note("dune.margin_group", margin$R2[1], package("vegan"))
note("dune.margin_type", margin$R2[2], package("vegan"))
note("dune.margin_rest", margin$R2[3], package("vegan"))
note("dune.spread_f", fit$`F value`[1], package("vegan"))
fit <- varpart(dune$Lolipere, ~ Management, ~ Use, data = dune.env)$part
note("dune.only_group", fit$indfract$Adj.R.squared[1], package("vegan"))
note("dune.only_type", fit$indfract$Adj.R.squared[2], package("vegan"))
note("dune.shared", fit$indfract$Adj.R.squared[3], package("vegan"))
note("dune.r2_both", fit$fract$R.squared[3], package("vegan"))

# space ----------------------------------------------------------------------------------------------------
eb <- EBest(sids$y, sids$n)
note("sids.eb_first", eb$estmm[1], package("spdep"))
note("sids.eb_last", eb$estmm[100], package("spdep"))
note("sids.eb_a", attr(eb, "parameters")$a, package("spdep"))
data(nc.sids, package = "spData"); near <- ncCR85.nb
writeLines(sapply(seq_along(near), function(i) paste(c(i, near[[i]]), collapse = " ")),
           file.path(folder, "daten", "sids_neighbours.txt"))
links <- nb2listw(near, style = "W", zero.policy = TRUE)
rate <- sids$y / sids$n
note("sids.moran_i", moran.test(rate, links, zero.policy = TRUE)$estimate[1], package("spdep"))
moran <- moran.test(rate, links, zero.policy = TRUE)
note("sids.moran_z", moran$statistic, package("spdep"))
set.seed(2)
note("sids.moran_p", moran.mc(rate, links, nsim = 9999, zero.policy = TRUE)$p.value, package("spdep"))
locals <- localmoran(rate, links, zero.policy = TRUE, mlvar = FALSE)
note("sids.local_moran_second", locals[2, 1], package("spdep"))
note("sids.local_moran_last", locals[100, 1], package("spdep"))
note("sids.moran_eb", EBImoran.mc(sids$y, sids$n, links, nsim = 9, zero.policy = TRUE)$statistic, package("spdep"))

write.csv(found, file.path(folder, "referenz_variance.csv"), row.names = FALSE, quote = FALSE)
