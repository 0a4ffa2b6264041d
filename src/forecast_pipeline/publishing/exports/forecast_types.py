"""The value columns of an export: which quantile each is, which stands for the point, which two for the band."""

from dataclasses import dataclass

from forecast_contract.forecast_types import MEAN, level_of


@dataclass(frozen=True)
class ForecastTypes:
    """The value columns of an export in its order, such as (p10, p50, p90, mean)."""

    names: tuple[str, ...]

    @property
    def quantile_names(self) -> tuple[str, ...]:
        """The quantile columns, lowest first."""
        return tuple(sorted((name for name in self.names if name != MEAN), key=level_of))

    @property
    def levels(self) -> tuple[float, ...]:
        """The quantile columns as numbers, lowest first."""
        return tuple(level_of(name) for name in self.quantile_names)

    @property
    def point(self) -> str:
        """The column for WAPE, RMSE and MASE: the mean, as in Amazon's formulas, else the line."""
        if MEAN in self.names:
            return MEAN
        return self.line

    @property
    def line(self) -> str:
        """The column a chart draws as its line: the quantile nearest the median, else the mean."""
        if not self.quantile_names:
            return MEAN
        return min(self.quantile_names, key=lambda name: abs(level_of(name) - 0.5))

    @property
    def band(self) -> tuple[str, str] | None:
        """The columns a chart shades between: p10 and p90, else the outermost; None without two quantiles."""
        names = self.quantile_names
        if "p10" in names and "p90" in names:
            return "p10", "p90"
        return (names[0], names[-1]) if len(names) > 1 else None

    @property
    def chart(self) -> tuple[str | None, str | None, str | None]:
        """The quantiles that a chart draws: the lower edge of the band, the one nearest the median, the upper edge."""
        low, high = self.band or (None, None)
        return low, self.line if self.quantile_names else None, high

    @property
    def band_share(self) -> float | None:
        """The share of actual values that the band should hold, such as 0.8."""
        return None if self.band is None else round(level_of(self.band[1]) - level_of(self.band[0]), 2)
