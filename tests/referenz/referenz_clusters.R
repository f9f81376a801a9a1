# Reference numbers for types and indices, from independent implementations in R.
# Run by referenz_clusters.py; writes daten_clusters/*.csv and referenz_clusters.csv.
suppressPackageStartupMessages({
  library(cluster); library(fpc); library(mclust)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
data_folder <- file.path(folder, "daten_clusters")
dir.create(data_folder, showWarnings = FALSE)
found <- data.frame(key = character(), value = character(), tolerance = numeric(), source = character())
note <- function(key, value, source, tolerance = 1e-7) {
  value <- formatC(as.numeric(value), digits = 15, format = "g")
  found[nrow(found) + 1, ] <<- list(key, value, tolerance, source)
}
package <- function(name) paste(name, as.character(packageVersion(name)))
set.seed(20240613)

data(ruspini); data(agriculture); data(xclara)
tables <- list(
  iris = iris[, 1:4], ruspini = ruspini, usarrests = as.data.frame(scale(USArrests)),
  faithful = as.data.frame(scale(faithful)), mtcars = as.data.frame(scale(mtcars)),
  agriculture = agriculture, swiss = as.data.frame(scale(swiss))
)
types <- list(iris = c(2, 3, 4), ruspini = c(3, 4), usarrests = c(2, 4), faithful = 2, mtcars = 3,
              agriculture = 2, swiss = 3)
for (name in names(tables)) {
  table <- tables[[name]]
  write.csv(table, file.path(data_folder, paste0(name, ".csv")), row.names = FALSE)
  d <- dist(table)
  for (k in types[[name]]) {
    key <- function(what) paste(name, k, what, sep = ".")
    best <- kmeans(table, k, nstart = 200, iter.max = 100)
    note(key("kmeans_wss"), best$tot.withinss, "stats::kmeans")
    statistics <- cluster.stats(d, best$cluster)
    note(key("silhouette"), mean(silhouette(best$cluster, d)[, 3]), package("cluster"))
    note(key("calinski_harabasz"), statistics$ch, package("fpc"))
    medoids <- pam(d, k)
    note(key("pam_cost"), sum(apply(as.matrix(d)[, medoids$id.med, drop = FALSE], 1, min)), package("cluster"))
    note(key("pam_rand"), adjustedRandIndex(medoids$clustering, best$cluster), package("mclust"))
    tree <- cutree(hclust(d, "ward.D2"), k)
    note(key("ward_wss"), sum(sapply(split(table, tree), function(t) sum(scale(t, scale = FALSE)^2))), "stats::hclust")
    note(key("ward_rand"), adjustedRandIndex(tree, best$cluster), package("mclust"))
  }
}

# random criteria: tolerances are those of the Monte Carlo error of both sides
stability <- function(name, table, k) {
  boot <- clusterboot(table, B = 1000, bootmethod = "boot", clustermethod = kmeansCBI, krange = k,
                      runs = 20, count = FALSE, seed = 1)
  note(paste(name, k, "jaccard_min", sep = "."), min(boot$bootmean), package("fpc"), 0.03)
  note(paste(name, k, "jaccard_mean", sep = "."), mean(boot$bootmean), package("fpc"), 0.03)
}
# also where there are no clear clusters: duplicates in a resample matter most there
cloud <- as.data.frame(round(matrix(rnorm(80 * 4), 80), 6))
write.csv(cloud, file.path(data_folder, "cloud.csv"), row.names = FALSE)
for (k in 2:5) stability("usarrests", tables$usarrests, k)
for (k in c(2, 4)) stability("swiss", tables$swiss, k)
for (k in 2:3) stability("mtcars", tables$mtcars, k)
for (k in 2:4) stability("cloud", cloud, k)

# best of 2,000 starts, up to eight types
for (name in c("iris", "usarrests", "swiss", "mtcars", "ruspini", "faithful")) for (k in 5:8) {
  best <- kmeans(tables[[name]], k, nstart = 2000, iter.max = 100)
  note(paste(name, k, "kmeans_wss", sep = "."), best$tot.withinss, "stats::kmeans")
}

for (case in list(list("iris", 2), list("iris", 3), list("ruspini", 4), list("faithful", 2), list("swiss", 3))) {
  table <- tables[[case[[1]]]]
  k <- case[[2]]
  key <- function(what) paste(case[[1]], k, what, sep = ".")
  stability(case[[1]], table, k)
  strength <- prediction.strength(table, Gmin = k, Gmax = k, M = 100, clustermethod = kmeansCBI, runs = 20)
  note(key("prediction_strength"), strength$mean.pred[k], package("fpc"), 0.08)
  gap <- clusGap(as.matrix(table), kmeans, K.max = max(k, 2), B = 300, d.power = 2, spaceH0 = "scaledPCA",
                 nstart = 20, verbose = FALSE)
  note(key("gap"), gap$Tab[k, "gap"], package("cluster"), 0.04)
}

# spherical mixture with own variances
for (case in list(list("iris", 3), list("faithful", 2), list("ruspini", 4))) {
  table <- tables[[case[[1]]]]
  fit <- Mclust(table, G = case[[2]], modelNames = "VII", verbose = FALSE)
  write.csv(data.frame(typ = fit$classification), row.names = FALSE,
            file.path(data_folder, paste0(case[[1]], "_vii.csv")))
  note(paste(case[[1]], case[[2]], "mixture_rand", sep = "."), 1, package("mclust"), 0.03)
}

# index
write.csv(attitude, file.path(data_folder, "attitude.csv"), row.names = FALSE)
note("attitude.alpha", suppressWarnings(psych::alpha(scale(attitude)))$total$raw_alpha, package("psych"), 1e-6)
component <- prcomp(attitude, scale. = TRUE)
note("attitude.component", component$sdev[1]^2 / sum(component$sdev^2), "stats::prcomp")
loadings <- psych::principal(attitude, nfactors = 1, rotate = "none")$loadings[, 1]
for (name in names(attitude)) note(paste("attitude.loading", name, sep = "."), abs(loadings[[name]]), package("psych"), 1e-6)
skewed <- data.frame(x = rivers)
write.csv(skewed, file.path(data_folder, "rivers.csv"), row.names = FALSE)
z <- (rivers - mean(rivers)) / sqrt(mean((rivers - mean(rivers))^2))
note("rivers.lambda", car::powerTransform(z, family = "yjPower")$lambda, package("car"), 1e-3)

write.csv(found, file.path(folder, "referenz_clusters.csv"), row.names = FALSE, quote = FALSE)
